/* SPDX-License-Identifier: MIT */
/*
 * test_programs.c: our own programs, on the guest kernel and, where they can run there, on this
 * host's Linux: what they say must be the same, and when they are gone nothing may be missing.
 */
#include "unit.h"

#include <stdio.h>

#include "kernel_run.h"

uintptr_t direct_map;

#define BOOT "./vmm %s guest/kernel.bin -i guest/programs.cpio -- checks=none %s init=/bin/%s"

/* Status of a program in the guest. */
static int in_guest(const char *options, const char *kernel_options, const char *program)
{
	return kernel_run(BOOT, options, kernel_options, program);
}

static const char *const cases[] = {"process", "exec", "signals", "faults", "waits", "memory",
	"maps", "pipes", "files", "names", "time", "copies", "cpu", "pointers", "sockets",
	"threads", "locks", "events", "races"};

#define CASES ((int)(sizeof(cases) / sizeof(cases[0])))

/* Every test of the suite has a line, "FILE:LINE:P:CASE:TEST:NUMBER: Passed". */
START_TEST(system_calls_are_linux)
{
	char *here, program[64];

	if (!kernel_have_kvm(__func__))
		return;
	ck_assert_msg(
		kernel_run("guest/user/syscalls %s", cases[_i]) == 0, "here: %s", kernel_output());
	ck_assert(kernel_said(": Passed\n"));
	here = strdup(kernel_output());
	snprintf(program, sizeof(program), "syscalls %s", cases[_i]);
	ck_assert_msg(in_guest("", "", program) == 0, "in the guest: %s", kernel_output());
	ck_assert_str_eq(kernel_output(), here);
	free(here);
}
END_TEST

static const struct {
	const char *program, *says;
} own[] = {
	{"stdcheck 5", "stdcheck: done\n"},
	{"memtorture 50 1", "memtorture: 50 steps from seed 1\n"},
	{"threads 6", "threads: done, 0 failed\n"},
	{"threads_musl 4", "threads: done, 0 failed\n"},
	{"vectors 50", ", 50 rounds of 3 processes, 0 wrong\n"},
};

#define OWN ((int)(sizeof(own) / sizeof(own[0])))

/* False, after saying so, where musl's compiler was not there to build it. */
static bool was_built(const char *test, const char *program)
{
	if (!strstr(program, "musl") || kernel_run("test -f guest/user/threads_musl") == 0)
		return true;
	printf("skip: %s: there was no musl-gcc to build threads_musl with\n", test);
	return false;
}

START_TEST(own_programs_here)
{
	if (!was_built(kernel_test_name(__func__, _i), own[_i].program))
		return;
	ck_assert_msg(kernel_run("guest/user/%s", own[_i].program) == 0, "%s", kernel_output());
	kernel_expect(own[_i].says);
}
END_TEST

START_TEST(own_programs_lose_nothing)
{
	if (!was_built(kernel_test_name(__func__, _i), own[_i].program) ||
		!kernel_have_kvm(__func__))
		return;
	ck_assert_msg(in_guest("", "loglevel=info", own[_i].program) == 0, "%s", kernel_output());
	kernel_expect(own[_i].says);
	kernel_expect("memory: every frame came back\n");
}
END_TEST

START_TEST(random_calls_lose_nothing)
{
	if (!kernel_have_kvm(__func__))
		return;
	ck_assert_msg(
		in_guest("", "loglevel=info", "syscall_fuzz 500 1") == 0, "%s", kernel_output());
	kernel_expect("memory: every frame came back\n");
}
END_TEST

/* Many more where an instruction of the kernel does not take a microsecond. */
START_TEST(random_calls_under_qemu)
{
	if (!kernel_have_program(__func__, "qemu-system-x86_64"))
		return;
	ck_assert_int_eq(
		kernel_run("qemu-system-x86_64 -accel tcg -cpu max -display none -no-reboot "
			   "-debugcon stdio -device isa-debug-exit,iobase=0xf4 -kernel "
			   "guest/kernel.elf -initrd guest/programs.cpio "
			   "-append 'checks=none loglevel=info init=/bin/syscall_fuzz 20000 1'"),
		0);
	kernel_expect("memory: every frame came back\n");
}
END_TEST

/* Of each thing all that there is, with little memory. */
START_TEST(everything_runs_out)
{
	if (!kernel_have_program(__func__, "qemu-system-x86_64"))
		return;
	ck_assert_msg(
		kernel_run("qemu-system-x86_64 -accel tcg -cpu max -m 16 -display none -no-reboot "
			   "-debugcon stdio -device isa-debug-exit,iobase=0xf4 -kernel "
			   "guest/kernel.elf -initrd guest/exhaust.cpio "
			   "-append 'checks=none loglevel=info init=/bin/exhaust'") == 0,
		"%s", kernel_output());
	kernel_expect("exhaust: 0 of 9 wrong\n");
	kernel_expect("memory: every frame came back\n");
}
END_TEST

/* The function's name comes from the program's own symbols. */
START_TEST(deadly_faults_are_told)
{
	if (!kernel_have_kvm(__func__))
		return;
	ck_assert_int_eq(in_guest("", "loglevel=info", "memtorture fault"), 128 + 11);
	kernel_expect("process 1 (memtorture): cannot write 0000000000000123: nothing is mapped "
		      "there; error 0x6, rip ");
	kernel_expect(" (write_to_0x123+0x");
}
END_TEST

/* Memory for little more than the kernel: calls fail or programs die, one by one. */
START_TEST(memory_runs_out)
{
	if (!kernel_have_kvm(__func__))
		return;
	ck_assert_int_eq(in_guest("-m 16M", "loglevel=info", "memtorture hog"), 0);
	kernel_expect("memtorture: hog: killed by signal 9\n");
	kernel_expect(": out of memory");
	kernel_expect("memory: every frame came back\n");
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{system_calls_are_linux, CASES},
		{own_programs_here, OWN},
		{own_programs_lose_nothing, OWN},
		{random_calls_lose_nothing, 0},
		{random_calls_under_qemu, 0},
		{everything_runs_out, 0},
		{deadly_faults_are_told, 0},
		{memory_runs_out, 0},
	};

	if (!kernel_find_build())
		return EXIT_FAILURE;
	return RUN_UNIT("own programs", tests);
}
