/* SPDX-License-Identifier: MIT */
/*
 * flags.c: what two lists of words have in common, in order, and building with a choice of the
 * rest.
 */
#define _GNU_SOURCE /* asprintf() */
#include "flags.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"

#define WORDS_MAX 4000

/* Words between blanks. Their texts lie in one buffer. */
struct words {
	char *text;
	char **at;
	unsigned count;
};

static bool read_text(const char *source, char **text, struct error *err)
{
	if (source[0] == '@')
		*text = content_read_text(source + 1, "a file of flags", err);
	else if (!(*text = strdup(source)))
		error_errno(err, STATUS_HOST, "memory for flags");
	return *text != NULL;
}

static bool split(const char *source, struct words *words, struct error *err)
{
	char *save = NULL;

	if (!read_text(source, &words->text, err))
		return false;
	words->at = calloc(WORDS_MAX, sizeof(words->at[0]));
	if (!words->at)
		return error_errno(err, STATUS_HOST, "memory for flags");
	for (char *word = strtok_r(words->text, " \t\r\n", &save); word;
		word = strtok_r(NULL, " \t\r\n", &save)) {
		if (words->count == WORDS_MAX)
			return error_set(err, STATUS_USAGE, "more than %d flags", WORDS_MAX);
		words->at[words->count++] = word;
	}
	return true;
}

static void words_free(struct words *words)
{
	free(words->at);
	free(words->text);
}

static void add(struct flags *flags, const char *text, bool in_good, bool in_bad)
{
	flags->at[flags->count++] = (struct flag){
		.text = strdup(text), .in_good = in_good, .in_bad = in_bad, .atom = ~0u};
}

/* Walks along the longest common subsequence; length[i][j] is that of good[i..] and bad[j..]. */
static void merge(struct flags *flags, const struct words *good, const struct words *bad,
	const unsigned short *length)
{
	unsigned i = 0, j = 0, width = bad->count + 1;

	while (i < good->count || j < bad->count) {
		bool both = i < good->count && j < bad->count;

		if (both && !strcmp(good->at[i], bad->at[j])) {
			add(flags, good->at[i], true, true);
			i++;
			j++;
		} else if (j == bad->count ||
			   (both && length[(i + 1) * width + j] >= length[i * width + j + 1])) {
			add(flags, good->at[i++], true, false);
		} else {
			add(flags, bad->at[j++], false, true);
		}
	}
}

static bool align(
	struct flags *flags, const struct words *good, const struct words *bad, struct error *err)
{
	unsigned width = bad->count + 1;
	unsigned short *length = calloc((size_t)(good->count + 1) * width, sizeof(length[0]));

	flags->at = calloc(good->count + bad->count + 1, sizeof(flags->at[0]));
	if (!length || !flags->at) {
		free(length);
		return error_errno(err, STATUS_HOST, "memory for flags");
	}
	for (unsigned i = good->count; i-- > 0;)
		for (unsigned j = bad->count; j-- > 0;) {
			unsigned short down = length[(i + 1) * width + j];
			unsigned short right = length[i * width + j + 1];

			length[i * width + j] = down > right ? down : right;
			if (!strcmp(good->at[i], bad->at[j]))
				length[i * width + j] =
					(unsigned short)(length[(i + 1) * width + j + 1] + 1);
		}
	merge(flags, good, bad, length);
	free(length);
	return true;
}

static bool number_atoms(struct flags *flags, struct error *err)
{
	flags->of_atom = calloc(flags->count + 1, sizeof(flags->of_atom[0]));
	flags->names = calloc(flags->count + 1, sizeof(flags->names[0]));
	if (!flags->of_atom || !flags->names)
		return error_errno(err, STATUS_HOST, "memory for flags");
	for (unsigned i = 0; i < flags->count; i++) {
		struct flag *flag = &flags->at[i];
		unsigned atom = flags->space.atoms;

		if (!flag->text)
			return error_errno(err, STATUS_HOST, "memory for flags");
		if (flag->in_good && flag->in_bad)
			continue;
		flag->atom = atom;
		flags->of_atom[atom] = i;
		if (asprintf(&flags->names[atom], "%s %s", flag->in_bad ? "with" : "without",
			    flag->text) < 0)
			return error_errno(err, STATUS_HOST, "memory for flags");
		flags->space.atoms++;
	}
	return flags->space.atoms ||
	       error_set(err, STATUS_IDENTICAL, "the two lists of flags are the same");
}

/* With an atom, its flag is as in BAD; without, as in GOOD. */
static bool compose(const struct space *space, const struct set *set, struct content *content,
	struct error *err)
{
	const struct flags *flags = space->ctx;
	char *list = NULL;
	size_t size;
	FILE *to = open_memstream(&list, &size);
	struct command_place place = {"@flags@", NULL};
	bool ok;

	if (!to)
		return error_errno(err, STATUS_HOST, "memory for a command");
	for (unsigned i = 0; i < flags->count; i++) {
		const struct flag *flag = &flags->at[i];
		bool as_bad = flag->atom != ~0u && set_holds(set, flag->atom);

		if (as_bad ? flag->in_bad : flag->in_good)
			fprintf(to, "%s ", flag->text);
	}
	fclose(to);
	place.text = list;
	ok = build_image(&flags->build, &place, 1, content, err);
	free(list);
	return ok;
}

static const char *name_atom(const struct space *space, unsigned atom)
{
	const struct flags *flags = space->ctx;

	return flags->names[atom];
}

bool flags_init(struct flags *flags, const struct build *build, const char *good, const char *bad,
	struct error *err)
{
	struct words words[2] = {0};
	bool ok;

	*flags = (struct flags){.build = *build};
	flags->space = (struct space){
		.what = "flag", .levels = 1, .compose = compose, .name = name_atom, .ctx = flags};
	ok = split(good, &words[0], err) && split(bad, &words[1], err) &&
	     align(flags, &words[0], &words[1], err) && number_atoms(flags, err);
	words_free(&words[0]);
	words_free(&words[1]);
	for (unsigned i = 0; ok && i < flags->count; i++) {
		const struct flag *flag = &flags->at[i];
		const unsigned char in[2] = {flag->in_good, flag->in_bad};

		content_hash_add(&flags->space.identity, flag->text, strlen(flag->text));
		content_hash_add(&flags->space.identity, in, sizeof(in));
	}
	return ok;
}

void flags_deinit(struct flags *flags)
{
	for (unsigned i = 0; i < flags->count; i++)
		free(flags->at[i].text);
	for (unsigned i = 0; flags->names && i < flags->space.atoms; i++)
		free(flags->names[i]);
	free(flags->names);
	free(flags->at);
	free(flags->of_atom);
	*flags = (struct flags){0};
}
