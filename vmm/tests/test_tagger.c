/* SPDX-License-Identifier: MIT */
/*
 * test_tagger.c: lines behind tags, however the bytes come in pieces.
 */
#include "tagger.h"

#include <string.h>

#include "suite.h"

struct seen {
	char text[200000];
	size_t used;
	unsigned calls;
};

static void on_lines(void *ctx, const char *lines, size_t n)
{
	struct seen *seen = ctx;

	ck_assert_uint_gt(n, 0);
	ck_assert_int_eq(lines[n - 1], '\n');
	ck_assert_uint_lt(seen->used + n, sizeof(seen->text));
	memcpy(seen->text + seen->used, lines, n);
	seen->used += n;
	seen->text[seen->used] = '\0';
	seen->calls++;
}

static struct seen *begin(struct tagger *tagger)
{
	static struct seen seen;

	seen = (struct seen){0};
	tagger_init(tagger, "a", 0);
	return &seen;
}

static void put(struct tagger *tagger, const char *text, struct seen *seen)
{
	tagger_put(tagger, text, strlen(text), on_lines, seen);
}

START_TEST(lines)
{
	struct tagger tagger;
	struct seen *seen = begin(&tagger);

	put(&tagger, "one\ntwo\n\nfour\n", seen);
	ck_assert_str_eq(seen->text, "[a] one\n[a] two\n[a] \n[a] four\n");
	ck_assert_uint_eq(seen->calls, 1);
}
END_TEST

START_TEST(pieces)
{
	struct tagger tagger;
	struct seen *seen = begin(&tagger);

	put(&tagger, "o", seen);
	put(&tagger, "", seen);
	put(&tagger, "ne", seen);
	ck_assert_uint_eq(seen->calls, 0);
	put(&tagger, "\ntw", seen);
	ck_assert_str_eq(seen->text, "[a] one\n");
	put(&tagger, "o", seen);
	tagger_end(&tagger, on_lines, seen);
	ck_assert_str_eq(seen->text, "[a] one\n[a] two\n");
	tagger_end(&tagger, on_lines, seen);
	ck_assert_uint_eq(seen->calls, 2);
}
END_TEST

START_TEST(zero_bytes_are_output_too)
{
	struct tagger tagger;
	struct seen *seen = begin(&tagger);

	tagger_put(&tagger, "x\0y\n", 4, on_lines, seen);
	ck_assert_uint_eq(seen->used, 8);
	ck_assert_mem_eq(seen->text, "[a] x\0y\n", 8);
}
END_TEST

/* No byte is lost or added but for tags and the newlines that break the line. */
START_TEST(long_lines_are_broken)
{
	static char text[100000];
	struct tagger tagger;
	struct seen *seen = begin(&tagger);
	size_t letters = 0;

	memset(text, 'x', sizeof(text) - 1);
	for (size_t at = 0; at < sizeof(text) - 1; at += 777) {
		size_t n = sizeof(text) - 1 - at < 777 ? sizeof(text) - 1 - at : 777;

		tagger_put(&tagger, text + at, n, on_lines, seen);
	}
	tagger_end(&tagger, on_lines, seen);
	for (char *line = strtok(seen->text, "\n"); line; line = strtok(NULL, "\n")) {
		ck_assert_int_eq(strncmp(line, "[a] ", 4), 0);
		ck_assert_uint_le(strlen(line), 8192);
		letters += strspn(line + 4, "x");
	}
	ck_assert_uint_eq(letters, sizeof(text) - 1);
}
END_TEST

START_TEST(many_lines_at_once)
{
	static char text[30000];
	struct tagger tagger;
	struct seen *seen = begin(&tagger);

	for (size_t at = 0; at < sizeof(text); at += 3)
		memcpy(text + at, "yz\n", 3);
	tagger_put(&tagger, text, sizeof(text), on_lines, seen);
	ck_assert_uint_eq(seen->used, 10000 * 7);
	for (size_t at = 0; at < seen->used; at += 7)
		ck_assert_mem_eq(seen->text + at, "[a] yz\n", 7);
	ck_assert_uint_lt(seen->calls, 20);
}
END_TEST

START_TEST(colours)
{
	static const struct {
		unsigned number;
		const char *tag;
	} tags[] = {
		{1, "\033[31m[n]\033[0m "}, {6, "\033[36m[n]\033[0m "}, {7, "\033[31m[n]\033[0m "}};
	struct tagger tagger;

	tagger_init(&tagger, "n", tags[_i].number);
	ck_assert_str_eq(tagger.tag, tags[_i].tag);
}
END_TEST

START_TEST(long_names_are_cut)
{
	struct tagger tagger;

	tagger_init(&tagger, "0123456789012345678901234567890123456789ABC", 1);
	ck_assert_str_eq(tagger.tag, "\033[31m[0123456789012345678901234567890123456789]\033[0m ");
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{lines},
		{pieces},
		{zero_bytes_are_output_too},
		{long_lines_are_broken},
		{many_lines_at_once},
		{colours, 3},
		{long_names_are_cut},
	};

	return RUN_LOOPED_SUITE("tagger", tests, 60);
}
