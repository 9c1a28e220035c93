/* SPDX-License-Identifier: MIT */
/*
 * test_bisect.c: differences planted in guests of a few instructions, and bisect asked for them.
 * Needs KVM.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/file.h>

#include "bisect_process.h"
#include "diff.h"
#include "hunt.h"
#include "judge.h"
#include "suite.h"
#include "tiny_guest.h"

/*
 * Data, and two lists of four places in it. The guest dies when all bytes at the places of one list
 * are not zero; a list that begins with 0xffff is none.
 */
#define LISTS 0x200 /* offset in the image */
#define DATA  0x210
#define SIZE  1024 /* bytes of data */
GUEST64(lists, IRQCHIP_NONE,
	"lea 7f(%rip), %r8; lea 8f(%rip), %rbx; mov $2, %edx\n"
	"1: mov %r8, %rsi; mov $4, %ecx; cmpw $-1, (%rsi); je 3f\n"
	"2: movzwl (%rsi), %eax; cmpb $0, (%rbx,%rax); je 3f\n"
	"add $2, %rsi; dec %ecx; jnz 2b; ud2\n"
	"3: add $8, %r8; dec %edx; jnz 1b\n" TURN_OFF ".org 0x200 + guest_lists\n"
	"7: .skip 16, 0xff\n"
	"8: .skip 1024\n");
/* Dies at one byte, in about 3 of 10 runs: 77 of 256 values of a hash of the clock. */
GUEST64(wavers, IRQCHIP_NONE,
	"cmpb $0, 7f(%rip); je 3f; rdtsc; imul $0x9e3779b1, %eax, %eax; shr $24, %eax\n"
	"cmp $77, %al; ja 3f; ud2; 3:\n" TURN_OFF ".org 0x200 + guest_wavers\n"
	"7: .skip 64\n");
/* Prints a line whose last letter is in its data, and halts for ever. */
GUEST64(prints, IRQCHIP_NONE,
	"lea 7f(%rip), %rsi; mov $6, %ecx; mov $0xe9, %dx; 1: lodsb; out %al, %dx; dec %ecx\n"
	"jnz 1b; cli; hlt; .org 0x200 + guest_prints\n"
	"7: .ascii \"ready\\n\"; .skip 10\n");
GUEST32(other_mode, IRQCHIP_NONE, TURN_OFF);

#define IMAGE_MAX 4096

struct planted {
	uint8_t good[IMAGE_MAX], bad[IMAGE_MAX];
	size_t size;
	uint16_t list[2][4]; /* 0xffff: none */
};

static unsigned random_below(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % n;
}

/* One or two causes of one to four bytes, and as many harmless differences as there is room. */
static void plant(struct planted *planted, unsigned seed)
{
	unsigned causes = 1 + random_below(&seed, 2), noise = random_below(&seed, SIZE);

	planted->size = (size_t)(guest_lists_end - guest_lists);
	memcpy(planted->good, guest_lists, planted->size);
	memset(planted->list, 0xff, sizeof(planted->list));
	for (unsigned i = 0; i < causes; i++) {
		unsigned parts = 1 + random_below(&seed, 4);

		for (unsigned j = 0; j < 4; j++)
			planted->list[i][j] = j < parts ? (uint16_t)random_below(&seed, SIZE)
			                                : planted->list[i][0];
	}
	memcpy(planted->good + LISTS, planted->list, 16);
	memcpy(planted->bad, planted->good, planted->size);
	for (unsigned i = 0; i < noise; i++)
		planted->bad[DATA + random_below(&seed, SIZE)] = 1;
	for (unsigned i = 0; i < 2; i++)
		for (unsigned j = 0; j < 4 && planted->list[i][0] != 0xffff; j++)
			planted->bad[DATA + planted->list[i][j]] = 1;
}

/* By the rule above, without a machine. */
static bool is_bad(const struct planted *planted, const uint8_t *image)
{
	bool bad = false;

	for (unsigned i = 0; i < 2; i++) {
		bool all = planted->list[i][0] != 0xffff;

		for (unsigned j = 0; all && j < 4; j++)
			all = image[DATA + planted->list[i][j]] != 0;
		bad |= all;
	}
	return bad;
}

static bool go_on(void *ctx)
{
	return true;
}

struct bench {
	struct config config;
	struct judge *judge;
	struct progress progress;
	struct proof proof;
};

static void open_bench(struct bench *bench, unsigned jobs)
{
	struct judge_setup setup = {
		.config = &bench->config, .jobs = jobs, .timeout = 10, .look = go_on};
	struct error err;

	*bench = (struct bench){.config = {.memory = 16 << 20, .cpus = 1}};
	bench->config.command_line = (char *)"";
	bench->judge = judge_create(&setup, &err);
	ck_assert_msg(bench->judge != NULL, "%s", err.text);
}

static void hunt_bytes(struct bench *bench, const struct diff *diff, const struct claim *good,
	const struct claim *bad, unsigned seed, struct finding *finding)
{
	const struct content_hash salt = {{seed, 1}};
	struct hunt_setup setup = {.judge = bench->judge,
		.space = &diff->space,
		.progress = &bench->progress,
		.good = good,
		.bad = bad,
		.proof = &bench->proof,
		.jobs = 2,
		.salt = &salt};
	struct error err;

	ck_assert_msg(hunt(&setup, finding, &err), "seed %u: %s", seed, err.text);
}

/* 1-minimal, by the rule; and the largest living one lives, and dies with any byte more. */
static void check_finding(const struct planted *planted, const struct diff *diff,
	const struct finding *finding, unsigned seed)
{
	uint8_t image[IMAGE_MAX];

	for (unsigned without = 0; without <= finding->minimal.count; without++) {
		memcpy(image, planted->good, planted->size);
		for (unsigned i = 0; i < finding->minimal.count; i++) {
			size_t at = diff->pieces[finding->minimal.at[i]].offset;

			if (i != without)
				image[at] = planted->bad[at];
		}
		ck_assert_msg(is_bad(planted, image) == (without == finding->minimal.count),
			"seed %u: minimal, without byte %u", seed, without);
	}
	for (unsigned with = 0; with <= finding->removal.count; with++) {
		memcpy(image, planted->bad, planted->size);
		for (unsigned i = 0; i < finding->removal.count; i++) {
			size_t at = diff->pieces[finding->removal.at[i]].offset;

			if (i != with)
				image[at] = planted->good[at];
		}
		ck_assert_msg(is_bad(planted, image) == (with < finding->removal.count),
			"seed %u: removal, with byte %u", seed, with);
	}
}

START_TEST(random_plants)
{
	static struct planted planted;
	struct bench bench;

	open_bench(&bench, 2);
	for (unsigned seed = 1; seed <= 300; seed++) {
		struct content good, bad;
		struct claim claims[2] = {{"GOOD", &good}, {"BAD", &bad}};
		struct finding finding;
		struct diff diff;
		struct error err;

		plant(&planted, seed);
		good = (struct content){planted.good, planted.size};
		bad = (struct content){planted.bad, planted.size};
		ck_assert_msg(diff_init(&diff, &bench.config,
				      write_file("good.bin", planted.good, planted.size),
				      write_file("bad.bin", planted.bad, planted.size), &good, &bad,
				      &err),
			"%s", err.text);
		ck_assert_msg(diff_add_bytes(&diff, &bad, &err), "%s", err.text);
		hunt_bytes(&bench, &diff, &claims[0], &claims[1], seed, &finding);
		check_finding(&planted, &diff, &finding, seed);
		finding_free(&finding);
		diff_deinit(&diff);
	}
	judge_destroy(bench.judge);
}
END_TEST

/* An image with some bytes changed: {offset, value}. */
static const char *changed_file(const char *name, const char *begin, const char *end,
	const unsigned changes[][2], unsigned n)
{
	uint8_t image[IMAGE_MAX];
	size_t size = (size_t)(end - begin);

	memcpy(image, begin, size);
	for (unsigned i = 0; i < n; i++)
		image[changes[i][0]] = (uint8_t)changes[i][1];
	return write_file(name, image, size);
}

#define CHANGED(name, guest, ...)                                                                  \
	changed_file(name, guest_##guest, guest_##guest##_end, (const unsigned[][2]){__VA_ARGS__}, \
		sizeof((const unsigned[][2]){__VA_ARGS__}) / sizeof(unsigned[2]))

/* The places of a list: 2, 300 and 1000. */
#define THREE_PLACES                                                                \
	{LISTS, 2}, {LISTS + 1, 0}, {LISTS + 2, 300 & 0xff}, {LISTS + 3, 300 >> 8}, \
		{LISTS + 4, 1000 & 0xff}, {LISTS + 5, 1000 >> 8}, {LISTS + 6, 2},   \
	{                                                                           \
		LISTS + 7, 0                                                        \
	}

START_TEST(three_bytes_that_fail_together)
{
	static const unsigned offsets[] = {DATA + 2, DATA + 300, DATA + 1000};
	const char *good = CHANGED("good.bin", lists, THREE_PLACES);
	const char *bad = CHANGED("bad.bin", lists, THREE_PLACES, {DATA + 2, 5}, {DATA + 3, 6},
		{DATA + 300, 7}, {DATA + 301, 1}, {DATA + 700, 1}, {DATA + 1000, 9},
		{DATA + 1003, 1});
	json_t *root = parse_answer(BISECT("--by", "bytes", "--json", good, bad));
	const json_t *minimal = json_object_get(root, "minimal");

	ck_assert_uint_eq(json_array_size(minimal), 3);
	for (unsigned i = 0; i < 3; i++) {
		char offset[32];

		snprintf(offset, sizeof(offset), "0x%x", offsets[i]);
		ck_assert_str_eq(text_of(json_array_get(minimal, i), "offset"), offset);
		ck_assert_str_eq(text_of(json_array_get(minimal, i), "good"), "00");
	}
	ck_assert_str_eq(text_of(json_array_get(minimal, 1), "bad"), "07");
	/* Loaded at 0x100000. */
	ck_assert_str_eq(text_of(json_array_get(minimal, 0), "address"), "0x100212");
	ck_assert_int_eq(json_integer_value(json_object_get(root, "removal_count")), 1);
	ck_assert_str_eq(
		text_of(json_object_get(json_object_get(root, "autopsy"), "verdict"), "id"),
		"idt-never-loaded");
	json_decref(root);
}
END_TEST

START_TEST(one_byte_in_words)
{
	const char *good = CHANGED("good.bin", lists, {LISTS, 9}, {LISTS + 1, 0}, {LISTS + 2, 9},
		{LISTS + 3, 0}, {LISTS + 4, 9}, {LISTS + 5, 0}, {LISTS + 6, 9}, {LISTS + 7, 0});
	const char *bad = CHANGED("bad.bin", lists, {LISTS, 9}, {LISTS + 1, 0}, {LISTS + 2, 9},
		{LISTS + 3, 0}, {LISTS + 4, 9}, {LISTS + 5, 0}, {LISTS + 6, 9}, {LISTS + 7, 0},
		{DATA + 8, 1}, {DATA + 9, 0xab}, {DATA + 10, 1});
	const struct run *run = BISECT(good, bad);

	ck_assert_msg(run->status == 0, "%s", run->err);
	ck_assert_msg(
		strstr(run->out, "1 of 3 bytes of BAD makes GOOD bad") != NULL, "%s", run->out);
	ck_assert_msg(
		strstr(run->out, "offset 0x219: 00 -> ab, at 0x100219") != NULL, "%s", run->out);
	ck_assert_msg(strstr(run->out, "BAD with that one byte as in GOOD is good.") != NULL, "%s",
		run->out);
	ck_assert_str_eq(run->err, "");
	/* What was kept runs. */
	ck_assert_int_eq(VMM(scratch_file("bad.bin.bisect/smallest-failing.bin"))->status, 80);
	ck_assert_int_eq(VMM(scratch_file("bad.bin.bisect/largest-living.bin"))->status, 0);
}
END_TEST

START_TEST(the_decisive_prefix)
{
	const char *good = CHANGED("good.bin", lists, THREE_PLACES);
	const char *bad = CHANGED("bad.bin", lists, THREE_PLACES, {DATA + 2, 5}, {DATA + 3, 6},
		{DATA + 300, 7}, {DATA + 700, 1}, {DATA + 1000, 9}, {DATA + 1003, 1});
	const struct run *run = BISECT("--by", "prefix", good, bad);

	ck_assert_msg(run->status == 0, "%s", run->err);
	/* 0x210 + 1000 + 1 = 1529 */
	ck_assert_msg(strstr(run->out, "BAD's first 1529 bytes, then GOOD's, are bad") != NULL,
		"%s", run->out);
	ck_assert_msg(strstr(run->out, "offset 0x5f8: 00 -> 09") != NULL, "%s", run->out);
}
END_TEST

START_TEST(a_line_to_expect)
{
	const char *good = GUEST_FILE(prints);
	const char *bad =
		CHANGED("bad.bin", prints, {LISTS + 8, 'x'}, {LISTS + 3, 'f'}, {LISTS + 7, 'y'});
	json_t *root = parse_answer(
		BISECT("--expect", "^ready$", "-o", scratch_file("out"), "--json", good, bad));
	const json_t *minimal = json_object_get(root, "minimal");

	ck_assert_uint_eq(json_array_size(minimal), 1);
	ck_assert_str_eq(text_of(json_array_get(minimal, 0), "offset"), "0x203");
	json_decref(root);
}
END_TEST

START_TEST(a_verdict_that_wavers)
{
	const char *good = GUEST_FILE(wavers);
	const char *bad = CHANGED("bad.bin", wavers, {LISTS, 1}, {LISTS + 1, 1}, {LISTS + 9, 1},
		{LISTS + 20, 1}, {LISTS + 33, 1});
	json_t *root = parse_answer(BISECT("--by", "bytes", "--json", good, bad));
	const json_t *minimal = json_object_get(root, "minimal");

	ck_assert(json_is_true(json_object_get(root, "wavers")));
	ck_assert_uint_eq(json_array_size(minimal), 1);
	ck_assert_str_eq(text_of(json_array_get(minimal, 0), "offset"), "0x200");
	json_decref(root);
}
END_TEST

START_TEST(misuse)
{
	char good[128], bad[128], kernel[4200];

	/* Names of scratch files are soon used again. */
	strcpy(good, CHANGED("good.bin", lists, THREE_PLACES));
	strcpy(bad, CHANGED("bad.bin", lists, THREE_PLACES, {DATA + 2, 5}, {DATA + 300, 7},
			    {DATA + 1000, 9}));
	strcpy(kernel, built_file("guest/kernel.elf"));
	expect_line(BISECT(good, good), 85, "are identical");
	expect_line(
		BISECT(bad, good), 86, "bad.bin is to be good, but it is bad: exception before");
	expect_line(
		BISECT("--fresh", good, CHANGED("harmless.bin", lists, THREE_PLACES, {DATA, 1})),
		87, "harmless.bin is to be bad, but it is good");
	expect_line(BISECT(good, kernel), 65, "cannot be mixed");
	expect_line(BISECT(good, GUEST_FILE(other_mode)), 65, "different modes of the CPU");
	expect_line(BISECT(good, scratch_file("none.bin")), 66, "none.bin: No such file");
	expect_line(BISECT(good, scratch()), 66, "is a directory, expected a guest image");
	expect_line(BISECT(good, write_file("empty.bin", "", 0)), 65, "the file is empty");
	expect_line(BISECT("-m", "1M", good, bad), 65, "RAM");
	expect_line(
		BISECT("-s", scratch_file("none.elf"), good, bad), 66, "none.elf: No such file");
	expect_line(BISECT("-s", good, good, bad), 65, "good.bin: not an ELF file");
	expect_line(BISECT("--by", "magic", good, bad), 64, "--by magic: expected prefix");
	expect_line(BISECT("-j", "0", good, bad), 64, "-j 0: expected a number");
	expect_line(BISECT("-m", "x", good, bad), 64, "--memory x: expected a size");
	expect_line(BISECT("--nonsense", good, bad), 64, "--nonsense: unknown option");
	expect_line(BISECT(good), 64, "GOOD and BAD are needed");
	expect_line(BISECT("--test", "true", good, bad), 64, "--test true: expected {} in it");
	expect_line(BISECT("--test", "/no/such/program {}", good, bad), 89, "cannot be run");
	expect_line(BISECT("--test", "kill -9 $$; : {}", good, bad), 89, "status 137");
	expect_line(BISECT("-o", "/proc/none", good, bad), 73, "/proc/none");
}
END_TEST

/* Two in one folder would try each other's images. */
START_TEST(one_run_a_folder)
{
	char good[128], bad[128];
	int folder = open(scratch(), O_RDONLY | O_DIRECTORY);

	strcpy(good, CHANGED("good.bin", lists, THREE_PLACES));
	strcpy(bad, CHANGED("bad.bin", lists, THREE_PLACES, {DATA + 2, 5}, {DATA + 300, 7},
			    {DATA + 1000, 9}));
	ck_assert_int_eq(flock(folder, LOCK_EX), 0);
	expect_line(BISECT("-o", scratch(), good, bad), 73, "another bisect is at work there");
	close(folder);
	ck_assert_int_eq(BISECT("-o", scratch(), good, bad)->status, 0);
}
END_TEST

/* 300 MiB, of which nothing is on the disk. */
START_TEST(too_big)
{
	const char *good = GUEST_FILE(lists), *big = write_file("big.bin", "x", 1);

	ck_assert_int_eq(truncate(big, 300 << 20), 0);
	expect_line(BISECT(good, big), 65, "300 MiB are too big");
}
END_TEST

/* The command sees a file; what it says counts, not what a guest would do. */
START_TEST(a_test_of_the_user)
{
	const char *good = write_file("good.bin", "abcdefghij", 10);
	const char *bad = write_file("bad.bin", "aBcdEfghIj", 10);
	json_t *root = parse_answer(BISECT("--json", "--mode", "long64", "--test",
		"grep -q I {} && exit 125; ! grep -q B {}", good,
		write_file("b.bin", "aBcdEfghij", 10)));

	ck_assert_uint_eq(json_array_size(json_object_get(root, "minimal")), 1);
	ck_assert_str_eq(
		text_of(json_array_get(json_object_get(root, "minimal"), 0), "offset"), "0x1");
	json_decref(root);
	expect_line(BISECT("--mode", "long64", "--test", "grep -q I {} && exit 125; ! grep -q B {}",
			    good, bad),
		91, "bad.bin cannot be judged");
	expect_line(BISECT("--mode", "long64", "--test", "exit 125 {}", good, bad), 91,
		"good.bin cannot be judged");
	expect_line(BISECT("--mode", "long64", "-t", "0.1", "--test", "sleep 9; : {}", good, bad),
		86, "if the test takes longer, say so with --timeout");
}
END_TEST

/* One of the two without the other cannot be judged, and that is not called good. */
START_TEST(what_is_judged_together_only)
{
	const char *good = write_file("good.bin", "abcdefgh", 8);
	const char *bad = write_file("bad.bin", "aBCdEfGh", 8);
	json_t *root = parse_answer(BISECT("--fresh", "--json", "--mode", "long64", "--test",
		"case $(cat {}) in *BC*) exit 1;; *B*|*C*) exit 125;; esac", good, bad));

	ck_assert_int_eq(json_integer_value(json_object_get(root, "minimal_count")), 2);
	ck_assert_int_eq(json_integer_value(json_object_get(root, "minimal_unjudged")), 2);
	json_decref(root);
}
END_TEST

/* Each byte is bad by itself: one is the least, and all of them have to go. */
START_TEST(the_largest_living_one)
{
	char good[64], bad[64], path[128];
	json_t *root;

	memset(good, 'a', sizeof(good));
	memset(bad, 'B', sizeof(bad));
	strcpy(path, write_file("good.bin", good, sizeof(good)));
	root = parse_answer(BISECT("--fresh", "--json", "--mode", "long64", "--test",
		"! grep -q B {}", path, write_file("bad.bin", bad, sizeof(bad))));
	ck_assert_uint_eq(json_array_size(json_object_get(root, "minimal")), 1);
	ck_assert(json_is_true(json_object_get(root, "removal_is_minimal")));
	ck_assert_int_eq(json_integer_value(json_object_get(root, "removal_count")), 64);
	json_decref(root);
}
END_TEST

/* What an earlier run has found out is not tried again. */
START_TEST(goes_on_where_it_was)
{
	const char *good = CHANGED("good.bin", lists, THREE_PLACES);
	const char *bad = CHANGED("bad.bin", lists, THREE_PLACES, {DATA + 2, 5}, {DATA + 3, 6},
		{DATA + 300, 7}, {DATA + 1000, 9}, {DATA + 1003, 1});
	json_t *first = parse_answer(BISECT("--fresh", "--json", good, bad));
	json_t *second = parse_answer(BISECT("--json", good, bad));
	const char *const keys[] = {"minimal", "code"};

	for (unsigned i = 0; i < 2; i++)
		ck_assert(json_equal(
			json_object_get(first, keys[i]), json_object_get(second, keys[i])));
	/* Both ends five times at most, and the answer five times; none to search. */
	ck_assert_int_le(
		json_integer_value(json_object_get(json_object_get(second, "counts"), "tries")),
		15);
	ck_assert_int_gt(
		json_integer_value(json_object_get(json_object_get(first, "counts"), "tries")), 15);
	json_decref(first);
	json_decref(second);
}
END_TEST

/* Fails in one of ten tries (27 of 256), and always when a byte says so. */
GUEST64(both_waver, IRQCHIP_NONE,
	"cmpb $0, 7f(%rip); jne 2f; rdtsc; imul $0x9e3779b1, %eax, %eax; shr $24, %eax\n"
	"cmp $26, %al; ja 3f; 2: ud2; 3:\n" TURN_OFF ".org 0x200 + guest_both_waver\n"
	"7: .skip 64\n");

START_TEST(a_good_one_that_wavers)
{
	const char *good = GUEST_FILE(both_waver);
	const char *bad = CHANGED(
		"bad.bin", both_waver, {LISTS, 1}, {LISTS + 5, 1}, {LISTS + 7, 1}, {LISTS + 30, 1});
	const struct run *run = BISECT("--json", good, bad);
	json_t *root;

	/* One in ten: GOOD may look firm at first, and BAD is. */
	root = parse_answer(run);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "minimal")), 1);
	ck_assert_str_eq(
		text_of(json_array_get(json_object_get(root, "minimal"), 0), "offset"), "0x200");
	json_decref(root);
}
END_TEST

/* The test sleeps, so that the signal finds it at work; afterwards the rest is done. */
START_TEST(interrupted_and_resumed)
{
	char command[8192], good[128], bad[128];
	int status;
	json_t *root;
	const char *test = "sleep 0.05; ! grep -q B {}";

	strcpy(good, write_file("good.bin", "abcdefghij", 10));
	strcpy(bad, write_file("bad.bin", "ABCDEFGHIJ", 10));
	snprintf(command, sizeof(command),
		"timeout --preserve-status -s INT 0.4 %s --mode long64 --test '%s' %s %s 2>%s/said",
		built_file("bisect"), test, good, bad, scratch());
	status = system(command);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 130);
	root = parse_answer(BISECT("--mode", "long64", "--json", "--test", test, good, bad));
	ck_assert_uint_eq(json_array_size(json_object_get(root, "minimal")), 1);
	ck_assert_str_eq(
		text_of(json_array_get(json_object_get(root, "minimal"), 0), "offset"), "0x1");
	json_decref(root);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{random_plants},
		{three_bytes_that_fail_together},
		{one_byte_in_words},
		{the_decisive_prefix},
		{a_line_to_expect},
		{a_verdict_that_wavers},
		{a_good_one_that_wavers},
		{interrupted_and_resumed},
		{misuse},
		{one_run_a_folder},
		{too_big},
		{a_test_of_the_user},
		{what_is_judged_together_only},
		{the_largest_living_one},
		{goes_on_where_it_was},
	};
	int status;

	if (!kvm_is_here("test_bisect"))
		return 77;
	scratch();
	status = RUN_LOOPED_SUITE("bisect", tests, 120);
	remove_scratch();
	return status;
}
