/* SPDX-License-Identifier: MIT */
/*
 * test_user32.c: i386 programs on the 32-bit guest kernel, under QEMU, where that is installed, and
 * under vmm, where the host's KVM runs 32-bit guests with paging.
 */
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "kernel_run.h"

#define STATUS_HOST_CANNOT 69
#define FRAMES             "memory: every frame came back\n"

uintptr_t direct_map;

static const struct {
	bool libc; /* needs a program that is there only where there is a 32-bit C library */
	const char *line, *expected;
	int status;
} runs[] = {
	{false, "init=/bin/hello", "hello from user mode\n", 7},
	{false, "init=/bin/none", "init: /bin/none: error 2\n", 127},
	{true, "init=/bin/abi", "abi: 122 checks, 0 failed\n", 0},
	{true, "init=/bin/isolation", "isolation: 1167 attempts, 0 allowed\n", 0},
	{true, "init=/bin/syscall_fuzz 3000 77", "syscall_fuzz: 3000 calls from seed 77\n", 0},
	{true, "loglevel=info init=/bin/syscall_fuzz 1000 5", FRAMES, 0},
	{true, "init=/bin/threads 10", "threads: done, 0 failed\n", 0},
	{true, "loglevel=info init=/bin/threads 4", FRAMES, 0},
	{true, "init=/bin/vectors 50", "vectors: SSE, 50 rounds of 3 processes, 0 wrong\n", 0},
	{true, "init=/bin/sh -c 'echo a  b \"c  d\"; (echo e; exit 3); echo $?; exit 5'",
		"a b c  d\ne\n3\n", 5},
	{true, "init=/bin/sh -c 'cd /tmp; echo one > f; echo two >> f; cat < f | wc; ls; pwd'",
		"2 8\nf\n/tmp\n", 0},
	{true, "init=/bin/sh -c 'false || echo or; true && echo and; false && echo no; echo $?'",
		"or\nand\n1\n", 0},
	{true, "init=/bin/sh -c '/bin/hello; echo $?; none 2>/dev/null; echo $?; uname'",
		"hello from user mode\n7\n127\nLinux vmm i686\n", 0},
	{true, "init=/bin/sh -c 'sleep 0.05 & echo first; wait; echo a | cat | cat | wc'",
		"first\n1 2\n", 0},
	{true, "init=/bin/sh -c 'kill -9 $$'", "", 128 + 9},
	{true, "loglevel=info init=/bin/sh -c '(hello; abi) & sleep 9 & exit 0'", FRAMES, 0},
};

#define RUNS ((int)(sizeof(runs) / sizeof(runs[0])))

static bool can_run(const char *test, int i)
{
	if (!runs[i].libc || kernel_run("grep -q bin/isolation guest/initrd32.cpio") == 0)
		return true;
	printf("skip: %s: there was no 32-bit C library to build programs with\n", test);
	return false;
}

static void expect(int i)
{
	if (strcmp(runs[i].expected, FRAMES) == 0)
		kernel_expect(FRAMES);
	else
		ck_assert_str_eq(kernel_output(), runs[i].expected);
}

START_TEST(programs_run_under_qemu)
{
	/* isa-debug-exit, but for status 0. */
	int wanted = runs[_i].status ? (runs[_i].status * 2 + 1) & 255 : 0;

	if (!can_run(kernel_test_name(__func__, _i), _i) ||
		!kernel_have_program(kernel_test_name(__func__, _i), "qemu-system-i386"))
		return;
	setenv("LINE", runs[_i].line, 1);
	ck_assert_int_eq(
		kernel_run("qemu-system-i386 -accel tcg -display none -no-reboot -debugcon stdio "
			   "-device isa-debug-exit,iobase=0xf4 -kernel guest/kernel32.elf "
			   "-initrd guest/initrd32.cpio -append \"checks=none $LINE\""),
		wanted);
	expect(_i);
}
END_TEST

/* False, after saying so, where vmm found the host unable. */
static bool host_could(const char *test, int status)
{
	if (status != STATUS_HOST_CANNOT)
		return true;
	printf("skip: %s: this host's KVM cannot run 32-bit guests with paging\n", test);
	return false;
}

START_TEST(programs_run_under_vmm)
{
	int status;

	if (!can_run(kernel_test_name(__func__, _i), _i) ||
		!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	setenv("LINE", runs[_i].line, 1);
	status = kernel_run(
		"./vmm -i guest/initrd32.cpio guest/kernel32.bin -- checks=none \"$LINE\"");
	if (!host_could(kernel_test_name(__func__, _i), status))
		return;
	ck_assert_int_eq(status, runs[_i].status);
	expect(_i);
}
END_TEST

/* At the end of 2 GiB, where the kernel's direct map does not reach. */
START_TEST(a_far_ram_disk_is_fetched)
{
	int status;

	if (!kernel_have_kvm(kernel_test_name(__func__, _i)))
		return;
	status = kernel_run("./vmm -m 2G -i guest/initrd32.cpio guest/kernel32.bin -- "
			    "init=/bin/hello");
	if (!host_could(kernel_test_name(__func__, _i), status))
		return;
	ck_assert_int_eq(status, 7);
	ck_assert_str_eq(kernel_output(), "hello from user mode\n");
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{programs_run_under_qemu, RUNS},
		{programs_run_under_vmm, RUNS},
		{a_far_ram_disk_is_fetched, 0},
	};

	if (!kernel_find_build())
		return EXIT_FAILURE;
	return RUN_UNIT("32-bit programs", tests);
}
