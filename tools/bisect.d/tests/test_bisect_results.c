/* SPDX-License-Identifier: MIT */
/*
 * test_bisect_results.c: what bisect leaves in its folder, whatever happens to it. Needs KVM.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>

#include "bisect_process.h"
#include "shape.h"
#include "suite.h"
#include "tiny_guest.h"

/* Dies when its last byte is 'B'. */
#define TELLS \
	"cmpb $'B', 7f(%rip); jne 3f; ud2; 3:\n" TURN_OFF "6: .ascii \"..\"\n7: .ascii \".\"\n"
GUEST64(tells, IRQCHIP_NONE, TELLS);
/* The same in 32 bits, as its Multiboot header says: flags, load and entry address. */
#define MULTI(flags)                                                                         \
	".long 0x1badb002, " flags ", -(0x1badb002 + " flags "), 0x100000, 0x100000, 0, 0, " \
	"0x100020\n"
asm(".pushsection .rodata\n.global guest_multi, guest_multi_end\n"
    "guest_multi:\n" MULTI(
	    "0x10000") ".code32\n cmpb $'B', 0x100000 + 7f - guest_multi\n"
		       "jne 3f; ud2; 3:\n" TURN_OFF
		       "6: .ascii \"..\"\n7: .ascii \".\"\n.code64\nguest_multi_end:\n"
		       ".popsection\n");
extern const char guest_multi[], guest_multi_end[];

/* GOOD, and BAD with two differences of which the last matters. */
struct pair {
	char good[128], bad[128];
};

static struct pair write_pair(const char *begin, const char *end)
{
	size_t n = (size_t)(end - begin);
	uint8_t image[4096];
	struct pair pair;

	memcpy(image, begin, n);
	strcpy(pair.good, write_file("good.bin", image, n));
	image[n - 1] = 'B';
	image[n - 3] = 'x';
	strcpy(pair.bad, write_file("bad.bin", image, n));
	return pair;
}

#define PAIR(name) write_pair(guest_##name, guest_##name##_end)

static bool is_there(const char *name)
{
	return !access(scratch_file(name), F_OK);
}

/* What the command says, started from another folder; *status: how it ends. */
static const char *output_of(const char *command, int *status)
{
	static char text[8192];
	char line[8192];
	FILE *from;
	size_t n;

	snprintf(line, sizeof(line), "cd / && { %s\n} 2>&1", command);
	from = popen(line, "r");
	ck_assert(from != NULL);
	n = fread(text, 1, sizeof(text) - 1, from);
	text[n] = '\0';
	*status = WEXITSTATUS(pclose(from));
	return text;
}

START_TEST(a_mode_of_its_own)
{
	struct pair pair = PAIR(multi);
	const struct run *run = BISECT("--mode", "multiboot", pair.good, pair.bad);
	const char *shown;
	int status;

	ck_assert_msg(run->status == 0, "%.1500s", run->err);
	ck_assert_msg(strstr(run->out, "The autopsy:") != NULL, "%.1500s", run->out);
	shown = output_of(scratch_file("bad.bin.bisect/show"), &status);
	ck_assert_msg(strstr(shown, "status 80") && strstr(shown, "status 0"), "%.1500s", shown);
}
END_TEST

/* A Multiboot header behind the first bytes, whose entry differs: an image that starts elsewhere
 * needs a machine of its own. */
asm(".pushsection .rodata\n.global guest_entry, guest_entry_end\n"
    "guest_entry: .skip 256\n"
    ".long 0x1badb002, 0x10000, -(0x1badb002 + 0x10000), 0x100100, 0x100000, 0, 0, 0x100120\n"
    ".code32\n" TURN_OFF ".org guest_entry + 0x140; ud2; .code64\nguest_entry_end:\n"
    ".popsection\n");
extern const char guest_entry[], guest_entry_end[];

START_TEST(an_entry_of_its_own)
{
	uint8_t image[4096];
	size_t n = (size_t)(guest_entry_end - guest_entry);
	char good[128], bad[128];
	json_t *root;

	memcpy(image, guest_entry, n);
	strcpy(good, write_file("good.bin", image, n));
	image[256 + 28] = 0x40; /* entry_addr */
	strcpy(bad, write_file("bad.bin", image, n));
	root = parse_answer(BISECT("--mode", "multiboot", "--json", good, bad));
	ck_assert_uint_eq(json_array_size(json_object_get(root, "minimal")), 1);
	ck_assert_str_eq(
		text_of(json_array_get(json_object_get(root, "minimal"), 0), "offset"), "0x11c");
	json_decref(root);
}
END_TEST

/* Of an ELF file: its own header, program headers, and the boot header that its first segment
 * begins with; not the code behind that. */
START_TEST(what_a_machine_is_built_for)
{
	struct content image, shapes[3];
	struct error err;
	uint8_t *header;

	ck_assert(content_read(&image, built_file("guest/kernel.elf"), &err));
	header = memmem(image.bytes, image.size, "VMMFLAT1", 8);
	ck_assert(header != NULL);
	ck_assert(shape_copy(&shapes[0], &image, &err));
	header[12] ^= 1; /* irqchip */
	ck_assert(shape_copy(&shapes[1], &image, &err));
	ck_assert(!content_equal(&shapes[0], &shapes[1]));
	header[12] ^= 1;
	header[2000] ^= 1;
	ck_assert(shape_copy(&shapes[2], &image, &err));
	ck_assert(content_equal(&shapes[0], &shapes[2]));
	for (unsigned i = 0; i < 3; i++)
		content_free(&shapes[i]);
	content_free(&image);
}
END_TEST

/* The command names a file of the folder that bisect is started in. */
START_TEST(a_test_beside)
{
	struct pair pair = PAIR(tells);
	char here[4096];
	const char *shown;
	int status;

	ck_assert(getcwd(here, sizeof(here)) != NULL);
	chmod(write_file("test.sh", "#!/bin/sh\n! tail -c 1 $1 | grep -q B\n", 37), 0755);
	ck_assert_int_eq(chdir(scratch()), 0);
	ck_assert_int_eq(BISECT("--test", "./test.sh {}", pair.good, pair.bad)->status, 0);
	ck_assert_int_eq(chdir(here), 0);
	shown = output_of(scratch_file("bad.bin.bisect/show"), &status);
	ck_assert_msg(strstr(shown, "status 1\n") && strstr(shown, "status 0\n"), "%.1500s", shown);
}
END_TEST

START_TEST(a_failure_leaves_no_older_answer)
{
	struct pair pair = PAIR(tells);

	ck_assert_int_eq(BISECT(pair.good, pair.bad)->status, 0);
	ck_assert(is_there("bad.bin.bisect/show") && is_there("bad.bin.bisect/autopsy.txt"));
	write_file("bad.bin.bisect/bisect-tmp-image-123456", "x", 1);
	ck_assert_int_eq(
		BISECT("-o", scratch_file("bad.bin.bisect"), pair.good, pair.good)->status, 85);
	ck_assert(!is_there("bad.bin.bisect/show") && !is_there("bad.bin.bisect/autopsy.txt"));
	ck_assert(!is_there("bad.bin.bisect/smallest-failing.bin"));
	ck_assert(!is_there("bad.bin.bisect/bisect-tmp-image-123456"));
	ck_assert(is_there("bad.bin.bisect/verdicts"));
}
END_TEST

START_TEST(inputs_are_not_overwritten)
{
	struct pair pair = PAIR(tells);
	char small[256];

	ck_assert_int_eq(BISECT(pair.good, pair.bad)->status, 0);
	strcpy(small, scratch_file("bad.bin.bisect/smallest-failing.bin"));
	expect_line(
		BISECT("-o", scratch_file("bad.bin.bisect"), pair.good, small), 64, "is an input");
	ck_assert_int_eq(access(small, F_OK), 0);
}
END_TEST

/* What is in a folder that bisect has not used is not its own. */
START_TEST(files_of_others_stay)
{
	struct pair pair = PAIR(tells);

	ck_assert_int_eq(mkdir(scratch_file("mine"), 0755), 0);
	write_file("mine/good.elf", "mine", 4);
	ck_assert_int_eq(BISECT("-o", scratch_file("mine"), pair.good, pair.bad)->status, 0);
	ck_assert(is_there("mine/good.elf"));
}
END_TEST

START_TEST(the_folder_beside_bad)
{
	struct pair pair = PAIR(tells);
	char bad[256], command[512];

	ck_assert_int_eq(mkdir(scratch_file(".bisect"), 0755), 0);
	strcpy(bad, scratch_file(".bisect/x.bin"));
	snprintf(command, sizeof(command), "cp %s %s", pair.bad, bad);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(BISECT(pair.good, bad)->status, 0);
	ck_assert(is_there(".bisect/x.bin.bisect/show"));
}
END_TEST

/* Files that cannot grow stand for a full disk; images fit, the script does not. The answer is
 * told, and nothing that is half there stays. */
START_TEST(a_full_disk)
{
	struct pair pair = PAIR(tells);
	char command[8192];
	const char *said;
	int status;

	snprintf(command, sizeof(command),
		"trap '' XFSZ; prlimit --fsize=300 %s --test '! tail -c 1 {} | grep -q B' %s %s",
		built_file("bisect"), pair.good, pair.bad);
	said = output_of(command, &status);
	ck_assert_msg(status == 73, "%d %.1500s", status, said);
	ck_assert_msg(strstr(said, "show: File too large") != NULL, "%.1500s", said);
	ck_assert_msg(strstr(said, "1 of 2 bytes of BAD makes GOOD bad") != NULL, "%.1500s", said);
	ck_assert(is_there("bad.bin.bisect/smallest-failing.bin"));
	ck_assert(!is_there("bad.bin.bisect/show"));
}
END_TEST

/* Ctrl-C, once; what does not end by it is killed later. */
static int interrupt(const char *seconds, const char *options)
{
	char command[8192];
	int status;

	snprintf(command, sizeof(command),
		"timeout --preserve-status -s INT -k 50 %s %s -o %s/out %s", seconds,
		built_file("bisect"), scratch(), options);
	output_of(command, &status);
	return status;
}

/* The command that builds GOOD ends, too, and its file goes. */
START_TEST(interrupted_in_a_build)
{
	char options[1024], command[512];
	int status;

	snprintf(options, sizeof(options),
		"--build 'echo $$ >%s/pid; sleep 100; : {} @flags@' --good=-a --bad=-b", scratch());
	ck_assert_int_eq(interrupt("1", options), 130);
	snprintf(command, sizeof(command),
		"! kill -0 $(cat %s/pid) && ! ls %s/out | grep bisect-tmp", scratch(), scratch());
	ck_assert_msg(!strstr(output_of(command, &status), "image") && !status, "%d", status);
}
END_TEST

/* Never ends. */
GUEST64(spins, IRQCHIP_NONE,
	"cmpb $'B', 7f(%rip); jne 3f; 2: inc %rcx; jmp 2b; 3:\n" TURN_OFF
	"6: .ascii \"..\"\n7: .ascii \".\"\n");

START_TEST(interrupted_in_a_try)
{
	struct pair pair = PAIR(spins);
	char options[1024];

	snprintf(options, sizeof(options), "-t 100 %s %s", pair.good, pair.bad);
	ck_assert_int_eq(interrupt("1", options), 130);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{a_mode_of_its_own},
		{an_entry_of_its_own},
		{what_a_machine_is_built_for},
		{a_test_beside},
		{a_failure_leaves_no_older_answer},
		{inputs_are_not_overwritten},
		{files_of_others_stay},
		{the_folder_beside_bad},
		{a_full_disk},
		{interrupted_in_a_build},
		{interrupted_in_a_try},
	};
	int status;

	if (!kvm_is_here("test_bisect_results"))
		return 77;
	scratch();
	status = RUN_LOOPED_SUITE("bisect_results", tests, 120);
	remove_scratch();
	return status;
}
