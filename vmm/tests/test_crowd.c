/* SPDX-License-Identifier: MIT */
/*
 * test_crowd.c: several guests side by side, through the vmm program. Needs KVM.
 */
#include "crowd.h"

#include "suite.h"
#include "tiny_guest.h"
#include "vmm_process.h"

/* 300 lines of 20 times one letter, a byte at a time. */
#define LINES(letter)                                                \
	"mov $300, %ebx\n"                                           \
	"1: mov $20, %ecx; mov $'" #letter "', %al\n"                \
	"2: out %al, $0xe9; loop 2b; mov $10, %al; out %al, $0xe9\n" \
	"dec %ebx; jnz 1b\n"

GUEST32(xs, IRQCHIP_NONE, LINES(x) EXIT(0));
GUEST32(ys, IRQCHIP_NONE, LINES(y) EXIT(3));
GUEST32(zs, IRQCHIP_NONE, LINES(z) EXIT(1));
GUEST32(crash, IRQCHIP_NONE, "mov $'c', %al; out %al, $0xe9; ud2\n");
GUEST32(halt, IRQCHIP_NONE, "cli; hlt\n");
GUEST32(spin, IRQCHIP_NONE, "sti; 1: jmp 1b\n");
GUEST32(endless, IRQCHIP_NONE,
	"1: mov $'e', %al; out %al, $0xe9; mov $10, %al; out %al, $0xe9; jmp 1b\n");
GUEST32(half_line, IRQCHIP_NONE, "mov $'h', %al; out %al, $0xe9\n" EXIT(0));
/* Sends back over COM1 what it gets there, until a newline. */
GUEST32(echo, IRQCHIP_NONE,
	"1: mov $0x3fd, %edx; in %dx, %al; test $1, %al; je 1b\n"
	"mov $0x3f8, %edx; in %dx, %al; out %al, %dx; cmp $10, %al; jne 1b\n" EXIT(0));

/* How many lines of the text begin with these words; none may contain another tag. */
static unsigned count_lines(const char *text, const char *words)
{
	unsigned count = 0;

	for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
		count += !strncmp(at, words, strlen(words));
	return count;
}

START_TEST(four_guests)
{
	const char *twice = GUEST_FILE(zs);
	struct run *run = VMM(GUEST_FILE(xs), GUEST_FILE(ys), twice, twice);

	ck_assert_msg(run->status == 3, "status %d: %s", run->status, run->err);
	ck_assert_str_eq(run->err, "");
	ck_assert_uint_eq(run->out_size, 300 * (26 + 26 + 26 + 28));
	ck_assert_uint_eq(count_lines(run->out, "[xs] xxxxxxxxxxxxxxxxxxxx\n"), 300);
	ck_assert_uint_eq(count_lines(run->out, "[ys] yyyyyyyyyyyyyyyyyyyy\n"), 300);
	ck_assert_uint_eq(count_lines(run->out, "[zs] zzzzzzzzzzzzzzzzzzzz\n"), 300);
	ck_assert_uint_eq(count_lines(run->out, "[zs#2] zzzzzzzzzzzzzzzzzzzz\n"), 300);
}
END_TEST

START_TEST(one_dies_and_others_finish)
{
	struct run *run = VMM(GUEST_FILE(crash), GUEST_FILE(xs), GUEST_FILE(ys));
	const char *line = run->err;

	ck_assert_msg(run->status == 80, "status %d: %s", run->status, run->err);
	ck_assert_uint_eq(count_lines(run->out, "[xs] xxxxxxxxxxxxxxxxxxxx\n"), 300);
	ck_assert_uint_eq(count_lines(run->out, "[ys] yyyyyyyyyyyyyyyyyyyy\n"), 300);
	ck_assert_uint_eq(count_lines(run->out, "[crash] c\n"), 1);
	ck_assert_int_eq(strncmp(line, "vmm: [crash] cause ", 19), 0);
	ck_assert_ptr_nonnull(strstr(run->err, "vmm: [crash] the guest died of an exception"));
	for (; *line; line += strcspn(line, "\n") + 1)
		ck_assert_msg(!strncmp(line, "vmm: [crash]", 12), "%s", line);
}
END_TEST

/* Two reports, neither within the other. */
START_TEST(reports_are_whole)
{
	const char *path = GUEST_FILE(crash);
	struct run *run = VMM(path, path);
	const char *first = strstr(run->err, "vmm: [crash] ");
	const char *second = strstr(run->err, "vmm: [crash#2] ");
	const char *last = first < second ? second : first;

	ck_assert(first && second);
	ck_assert_ptr_nonnull(strstr(first, "vmm: [crash] the guest died"));
	ck_assert_ptr_nonnull(strstr(second, "vmm: [crash#2] the guest died"));
	if (last == second)
		ck_assert_ptr_null(strstr(last, "vmm: [crash] "));
	else
		ck_assert_ptr_null(strstr(last, "vmm: [crash#2] "));
}
END_TEST

START_TEST(worst_status)
{
	const char *ys = GUEST_FILE(ys), *xs = GUEST_FILE(xs);

	ck_assert_int_eq(VMM(xs, xs)->status, 0);
	ck_assert_int_eq(VMM("-q", GUEST_FILE(halt), ys)->status, 83);
	ck_assert_int_eq(VMM("-q", "-t", "2", ys, GUEST_FILE(spin))->status, 124);
	ck_assert_int_eq(VMM("--expect", "^y+$", ys, ys)->status, 0);
	ck_assert_int_eq(VMM("--expect", "^y+$", ys, xs)->status, 84);
}
END_TEST

START_TEST(unfinished_line_is_ended)
{
	struct run *run = VMM(GUEST_FILE(half_line), GUEST_FILE(half_line));

	ck_assert_str_eq(run->err, "");
	ck_assert_uint_eq(count_lines(run->out, "[half_line] h\n"), 1);
	ck_assert_uint_eq(count_lines(run->out, "[half_line#2] h\n"), 1);
}
END_TEST

START_TEST(nothing_runs_when_one_cannot)
{
	const char *xs = GUEST_FILE(xs), *text = write_file("text", "hello", 5);

	expect_one_line(VMM(xs, "/nowhere/k.bin"), 66, "/nowhere/k.bin: ");
	expect_one_line(VMM(xs, text), 65, "text: neither ELF");
	expect_one_line(VMM("-m", "1M", GUEST_FILE(half_line), xs), 65, "outside RAM");
	expect_one_line(VMM("--report", "r.txt", xs, xs), 64, "--report takes one image");
}
END_TEST

/* Runs a shell's command line in which $vmm is vmm; what it prints. */
static const char *shell(const char *command)
{
	static char out[4096];
	FILE *pipe;
	size_t n;

	setenv("vmm", built_file("vmm"), 1);
	setenv("echo_guest", GUEST_FILE(echo), 1);
	setenv("endless", GUEST_FILE(endless), 1);
	setenv("xs", GUEST_FILE(xs), 1);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	n = fread(out, 1, sizeof(out) - 1, pipe);
	out[n] = '\0';
	pclose(pipe);
	return out;
}

START_TEST(stdin_goes_to_the_first)
{
	ck_assert_str_eq(shell("echo hello | $vmm $echo_guest $xs 2>&1 | grep -v '\\[xs\\]'"),
		"[echo] hello\n");
}
END_TEST

/* The guest that prints notices it; the one that only waits for input is ended with it. */
START_TEST(reader_that_has_enough)
{
	ck_assert_str_eq(shell("{ $vmm $echo_guest $endless; echo status $? >&2; } 2>$endless.err "
			       "</dev/null | head -n 2; cat $endless.err"),
		"[endless] e\n[endless] e\nstatus 141\n");
}
END_TEST

START_TEST(full_disk)
{
	ck_assert_str_eq(shell("{ $vmm $xs $xs 2>&1 >/dev/full </dev/null; echo $?; } | sort"),
		"69\nvmm: [xs#2] stdout: No space left on device\n"
		"vmm: [xs] stdout: No space left on device\n");
}
END_TEST

START_TEST(names)
{
	static const char *const images[] = {"a.bin", "/x/a.elf", "a", "b.bin", "a#2", "x/.bin",
		"t\tb.elf", "0123456789012345678901234567890123456789.bin",
		"0123456789012345678901234567890123456789.bin", "dir.bin/k"};
	static const char *const expected[] = {"a", "a#2", "a#3", "b", "a#2#2", ".bin", "t?b",
		"0123456789012345678901234567890", "01234567890123456789#2", "k"};
	char got[LENGTH(images)][CROWD_NAME];

	crowd_names(images, LENGTH(images), got);
	for (size_t i = 0; i < LENGTH(images); i++)
		ck_assert_str_eq(got[i], expected[i]);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{four_guests},
		{one_dies_and_others_finish},
		{reports_are_whole},
		{worst_status},
		{unfinished_line_is_ended},
		{nothing_runs_when_one_cannot},
		{stdin_goes_to_the_first},
		{reader_that_has_enough},
		{full_disk},
		{names},
	};
	int result;

	if (!kvm_is_here("test_crowd"))
		return 77;
	scratch();
	result = RUN_LOOPED_SUITE("crowd", tests, 120);
	remove_scratch();
	return result;
}
