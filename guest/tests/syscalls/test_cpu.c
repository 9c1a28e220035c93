/* SPDX-License-Identifier: MIT */
/*
 * test_cpu.c: registers across switches of processes, and what the machine says of itself.
 */
#include "suite.h"

#include <asm/prctl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* All of xmm, an x87 register, MXCSR and the control word are this process's own; 0: they were. */
static int keep_registers(uint64_t seed, unsigned rounds)
{
	uint64_t in[16], out[16];
	uint32_t mxcsr = 0x1f80 | (seed & 3) << 13, mxcsr_out = 0;
	uint16_t control = (uint16_t)(0x37f & ~0xc00) | (uint16_t)((seed & 3) << 10),
		 control_out = 0;
	double number = (double)seed, number_out = 0;

	for (int i = 0; i < 16; i++)
		in[i] = seed * 0x9e3779b97f4a7c15 + (uint64_t)i;
	asm volatile("ldmxcsr %0; fldcw %1" : : "m"(mxcsr), "m"(control));
	for (unsigned round = 0; round < rounds; round++) {
		asm volatile(
			"fldl %[number]\n"
			"movq 0(%[in]), %%xmm0; movq 8(%[in]), %%xmm1\n"
			"movq 16(%[in]), %%xmm2; movq 24(%[in]), %%xmm3\n"
			"movq 64(%[in]), %%xmm8; movq 120(%[in]), %%xmm15\n"
			"syscall\n"
			"movq %%xmm0, 0(%[out]); movq %%xmm1, 8(%[out])\n"
			"movq %%xmm2, 16(%[out]); movq %%xmm3, 24(%[out])\n"
			"movq %%xmm8, 64(%[out]); movq %%xmm15, 120(%[out])\n"
			"fstpl %[number_out]\n"
			"stmxcsr %[mxcsr]; fnstcw %[control]"
			: [mxcsr] "=m"(mxcsr_out), [control] "=m"(control_out),
			[number_out] "=m"(number_out)
			: [in] "r"(in), [out] "r"(out), [number] "m"(number),
			"a"((long)SYS_sched_yield)
			: "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm8", "xmm15");
		if (memcmp(in, out, 32) || in[8] != out[8] || in[15] != out[15] ||
			mxcsr != mxcsr_out || control != control_out || number != number_out)
			return 1;
	}
	return 0;
}

START_TEST(vector_registers_across_switches)
{
	pid_t pids[3];

	for (int i = 0; i < 3; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0)
			_exit(keep_registers((uint64_t)i + 2, 200));
	}
	ck_assert_int_eq(keep_registers(1, 200), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(WEXITSTATUS(wait_status(pids[i])), 0);
}
END_TEST

/* Without any system call: the timer takes the CPU away. */
START_TEST(arithmetic_under_preemption)
{
	pid_t pids[2];
	double sums[2];

	for (int i = 0; i < 2; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0) {
			for (int round = 0; round < 2; round++) {
				sums[round] = 0;
				for (int k = 1; k < 2000000; k++)
					sums[round] += 1.0 / (k + i);
			}
			_exit(memcmp(&sums[0], &sums[1], sizeof(double)) != 0);
		}
	}
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(WEXITSTATUS(wait_status(pids[i])), 0);
}
END_TEST

/* Everything but rax, rcx and r11 comes back from a system call as it was: System V ABI, A.2.1. */
START_TEST(calls_keep_registers)
{
	uint64_t out[11];
	register uint64_t *to asm("r15") = out;

	asm volatile(
		"mov $0x1111, %%rbx; mov $0x2222, %%rdx; mov $0x3333, %%rsi; mov $0x4444, %%rdi\n"
		"mov $0x5555, %%r8; mov $0x6666, %%r9; mov $0x7777, %%r10; mov $0x8888, %%r12\n"
		"mov $0x9999, %%r13; mov $0xaaaa, %%r14\n"
		"mov %[number], %%eax\n"
		"push %%rbp; mov $0xbbbb, %%ebp\n"
		"syscall\n"
		"mov %%rbp, %%rcx; pop %%rbp\n"
		"mov %%rbx, 0(%%r15); mov %%rdx, 8(%%r15); mov %%rsi, 16(%%r15); mov %%rdi, "
		"24(%%r15)\n"
		"mov %%r8, 32(%%r15); mov %%r9, 40(%%r15); mov %%r10, 48(%%r15); mov %%r12, "
		"56(%%r15)\n"
		"mov %%r13, 64(%%r15); mov %%r14, 72(%%r15); mov %%rcx, 80(%%r15)\n"
		:
		: [number] "i"(SYS_getpid), "r"(to)
		: "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
		"r14", "memory");
	for (unsigned i = 0; i < 11; i++)
		ck_assert_uint_eq(out[i], 0x1111u * (i + 1));
}
END_TEST

START_TEST(thread_pointer)
{
	uint64_t fs = 0, gs = 1;

	ck_assert_ok(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
	ck_assert_uint_ne(fs, 0);
	ck_assert_uint_eq(*(uint64_t *)fs, fs);
	ck_assert_ok(syscall(SYS_arch_prctl, ARCH_SET_GS, &gs));
	ck_assert_ok(syscall(SYS_arch_prctl, ARCH_GET_GS, &fs));
	ck_assert_uint_eq(fs, (uint64_t)&gs);
	syscall(SYS_sched_yield);
	asm("mov %%gs:0, %0" : "=r"(fs));
	ck_assert_uint_eq(fs, 1);
	ck_assert_fails(syscall(SYS_arch_prctl, ARCH_SET_FS, 0xffff800000000000), EPERM);
	ck_assert_fails(syscall(SYS_arch_prctl, 0x7777, 0), EINVAL);
}
END_TEST

START_TEST(names_of_the_system)
{
	struct utsname name;
	char thread[16] = "";

	ck_assert_ok(uname(&name));
	ck_assert_str_eq(name.sysname, "Linux");
	ck_assert_str_eq(name.machine, "x86_64");
	ck_assert_ok(prctl(PR_SET_NAME, "a name"));
	ck_assert_ok(prctl(PR_GET_NAME, thread));
	ck_assert_str_eq(thread, "a name");
	ck_assert_fails(prctl(9999), EINVAL);
}
END_TEST

START_TEST(random_bytes)
{
	uint8_t first[300] = {0}, second[300] = {0};

	ck_assert_int_eq(getrandom(first, 256, 0), 256);
	ck_assert_int_eq(getrandom(second, 300, GRND_NONBLOCK), 300);
	ck_assert_mem_ne(first, second, 256);
	ck_assert_int_eq(first[256], 0);
	ck_assert_fails(getrandom(first, 1, 0x100), EINVAL);
	ck_assert_int_eq(getrandom(first, 0, 0), 0);
}
END_TEST

START_TEST(what_there_is)
{
	struct sysinfo info;
	cpu_set_t set;

	ck_assert_ok(sysinfo(&info));
	ck_assert_uint_gt(info.totalram, info.freeram);
	ck_assert_uint_gt(info.procs, 0);
	ck_assert_int_gt((int)sched_getaffinity(0, sizeof(set), &set) + 1, 0);
	ck_assert_int_ge(CPU_COUNT(&set), 1);
	ck_assert_fails(syscall(SYS_sched_getaffinity, 0, 1, &set), EINVAL);
	ck_assert_fails(syscall(9999), ENOSYS);
	ck_assert_fails(syscall(-1), ENOSYS);
}
END_TEST

/* Limits of others, who are somebody else. */
static int limit_another(void)
{
	struct rlimit limit;

	if (setresgid(1000, 1000, 1000) == 0 && setresuid(1000, 1000, 1000))
		return 1;
	return prlimit(1, RLIMIT_CORE, NULL, &limit) != -1 || errno != EPERM;
}

START_TEST(limits)
{
	struct rlimit limit;

	ck_assert_ok(getrlimit(RLIMIT_STACK, &limit));
	ck_assert_uint_gt(limit.rlim_cur, 0);
	ck_assert_fails(getrlimit(77, &limit), EINVAL);
	ck_assert_ok(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = 20;
	ck_assert_ok(setrlimit(RLIMIT_NOFILE, &limit));
	ck_assert_ok(prlimit(0, RLIMIT_NOFILE, NULL, &limit));
	ck_assert_int_eq(run_in_child(limit_another), 0);
	ck_assert_uint_eq(limit.rlim_cur, 20);
	while (dup(0) >= 0)
		;
	ck_assert_int_eq(errno, EMFILE);
	ck_assert_ok(close(19));
	limit.rlim_cur = limit.rlim_max + 1;
	if (limit.rlim_cur)
		ck_assert_fails(setrlimit(RLIMIT_NOFILE, &limit), EINVAL);
}
END_TEST

START_TEST(processes_keep_to_cpus)
{
	cpu_set_t set;

	ck_assert_ok(sched_getaffinity(0, sizeof(set), &set));
	ck_assert_ok(sched_setaffinity(0, sizeof(set), &set));
	ck_assert_ok(sched_setaffinity(getpid(), sizeof(set), &set));
	ck_assert_fails(sched_setaffinity(0x3fffffff, sizeof(set), &set), ESRCH);
	ck_assert_fails(syscall(SYS_sched_setaffinity, 0, sizeof(set), NULL), EFAULT);
	CPU_ZERO(&set);
	ck_assert_fails(sched_setaffinity(0, sizeof(set), &set), EINVAL);
}
END_TEST

TCase *cpu_tests(void)
{
	TCase *tests = tcase_create("cpu");

	tcase_add_test(tests, vector_registers_across_switches);
	tcase_add_test(tests, arithmetic_under_preemption);
	tcase_add_test(tests, calls_keep_registers);
	tcase_add_test(tests, thread_pointer);
	tcase_add_test(tests, names_of_the_system);
	tcase_add_test(tests, random_bytes);
	tcase_add_test(tests, what_there_is);
	tcase_add_test(tests, limits);
	tcase_add_test(tests, processes_keep_to_cpus);
	return tests;
}
