/* SPDX-License-Identifier: MIT */
/*
 * test_signal_faults.c: what a program is told of its own faults, and how it goes on.
 */
#include "suite.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf back;
static siginfo_t seen;
static greg_t registers[NGREG];

static void take(int signal, siginfo_t *info, void *context)
{
	seen = *info;
	memcpy(registers, ((ucontext_t *)context)->uc_mcontext.gregs, sizeof(registers));
	siglongjmp(back, signal);
}

static void handle_all(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
	struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		ck_assert_ok(sigaction(signals[i], &action, NULL));
}

/* The signal that the statement ends in; 0: none. */
#define SIGNAL_OF(...)                                     \
	({                                                 \
		volatile int signal_ = sigsetjmp(back, 1); \
		if (signal_ == 0) {                        \
			__VA_ARGS__;                       \
		}                                          \
		signal_;                                   \
	})

START_TEST(missing_pages)
{
	volatile char *memory = must_map(2 * PAGE);

	handle_all();
	ck_assert_ok(munmap((char *)memory + PAGE, PAGE));
	ck_assert_int_eq(SIGNAL_OF(memory[PAGE + 123] = 1), SIGSEGV);
	ck_assert_int_eq(seen.si_code, SEGV_MAPERR);
	ck_assert_ptr_eq(seen.si_addr, (char *)memory + PAGE + 123);
	ck_assert_int_eq(registers[REG_TRAPNO], 14);
	ck_assert_int_eq(registers[REG_ERR], 6);
	ck_assert_int_eq(registers[REG_CR2], (greg_t)(memory + PAGE + 123));
	ck_assert_int_eq(SIGNAL_OF((void)memory[PAGE]), SIGSEGV);
	ck_assert_int_eq(registers[REG_ERR], 4);
	ck_assert_int_eq(SIGNAL_OF((void)*(volatile char *)0), SIGSEGV);
	ck_assert_ptr_eq(seen.si_addr, NULL);
}
END_TEST

START_TEST(forbidden_accesses)
{
	volatile char *memory = must_map(PAGE);

	handle_all();
	memory[0] = (char)0xc3;
	ck_assert_int_eq(SIGNAL_OF(((void (*)(void))memory)()), SIGSEGV);
	ck_assert_int_eq(seen.si_code, SEGV_ACCERR);
	ck_assert_ptr_eq(seen.si_addr, (void *)memory);
	ck_assert_int_eq(registers[REG_RIP], (greg_t)memory);
	ck_assert_ok(mprotect((void *)memory, PAGE, PROT_READ));
	ck_assert_int_eq(SIGNAL_OF(memory[5] = 1), SIGSEGV);
	ck_assert_int_eq(seen.si_code, SEGV_ACCERR);
	ck_assert_int_eq(registers[REG_ERR], 7);
	ck_assert_ok(mprotect((void *)memory, PAGE, PROT_NONE));
	ck_assert_int_eq(SIGNAL_OF((void)memory[5]), SIGSEGV);
	ck_assert_int_eq(seen.si_code, SEGV_ACCERR);
	ck_assert_ok(mprotect((void *)memory, PAGE, PROT_READ | PROT_EXEC));
	ck_assert_int_eq(SIGNAL_OF(((void (*)(void))memory)()), 0);
}
END_TEST

START_TEST(end_of_file)
{
	volatile char *memory;
	int fd;

	handle_all();
	make_file("short", "text");
	fd = open("short", O_RDWR);
	memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ck_assert_int_eq(memory[3], 't');
	ck_assert_int_eq(memory[4], 0);
	ck_assert_int_eq(SIGNAL_OF((void)memory[PAGE]), SIGBUS);
	ck_assert_int_eq(seen.si_code, BUS_ADRERR);
	ck_assert_ptr_eq(seen.si_addr, (char *)memory + PAGE);
}
END_TEST

START_TEST(instructions)
{
	volatile int zero = 0, one = 1;

	handle_all();
	ck_assert_int_eq(SIGNAL_OF(one = one / zero), SIGFPE);
	ck_assert_int_eq(seen.si_code, FPE_INTDIV);
	ck_assert_int_eq((greg_t)seen.si_addr, registers[REG_RIP]);
	ck_assert_int_eq(registers[REG_TRAPNO], 0);
	ck_assert_int_eq(SIGNAL_OF(asm volatile("ud2")), SIGILL);
	ck_assert_int_eq(seen.si_code, ILL_ILLOPN);
	ck_assert_int_eq((greg_t)seen.si_addr, registers[REG_RIP]);
	ck_assert_int_eq(SIGNAL_OF(asm volatile("hlt")), SIGSEGV);
	ck_assert_int_eq(seen.si_code, SI_KERNEL);
	ck_assert_ptr_eq(seen.si_addr, NULL);
	ck_assert_int_eq(SIGNAL_OF(asm volatile("int3")), SIGTRAP);
	ck_assert_int_eq(seen.si_code, SI_KERNEL);
	ck_assert_int_eq(SIGNAL_OF((void)*(volatile char *)0x1234800000000000), SIGSEGV);
	ck_assert_int_eq(seen.si_code, SI_KERNEL);
}
END_TEST

START_TEST(floating_point)
{
	uint32_t old, unmasked;

	handle_all();
	asm volatile("stmxcsr %0" : "=m"(old));
	unmasked = old & ~0x200u; /* divide by zero: SDM vol. 1, 10.2.3 "MXCSR" */
	ck_assert_int_eq(SIGNAL_OF(asm volatile("ldmxcsr %0\n"
						"	pxor %%xmm1, %%xmm1\n"
						"	cvtsi2sd %1, %%xmm0\n"
						"	divsd %%xmm1, %%xmm0"
						:
						: "m"(unmasked), "r"(1)
						: "xmm0", "xmm1")),
		SIGFPE);
	asm volatile("ldmxcsr %0" : : "m"(old));
	ck_assert_int_eq(registers[REG_TRAPNO], 19);
	ck_assert_int_eq(seen.si_code, FPE_FLTDIV);
	ck_assert_int_eq((greg_t)seen.si_addr, registers[REG_RIP]);
}
END_TEST

static void skip_two_bytes(int signal, siginfo_t *info, void *context)
{
	greg_t *saved = ((ucontext_t *)context)->uc_mcontext.gregs;

	saved[REG_RIP] += 2;
	saved[REG_RBX] = 0x55;
}

START_TEST(handlers_change_registers)
{
	struct sigaction action = {.sa_sigaction = skip_two_bytes, .sa_flags = SA_SIGINFO};
	uint64_t bx = 1, r12 = 0x1212121212121212, flags;

	ck_assert_ok(sigaction(SIGILL, &action, NULL));
	asm volatile("mov %2, %%r12\n"
		     "	stc\n"
		     "	ud2\n"
		     "	pushfq\n"
		     "	pop %1\n"
		     "	mov %%r12, %2"
		     : "+b"(bx), "=&r"(flags), "+r"(r12)
		     :
		     : "r12", "cc");
	ck_assert_uint_eq(bx, 0x55);
	ck_assert_uint_eq(r12, 0x1212121212121212);
	ck_assert_uint_eq(flags & 1, 1);
}
END_TEST

/* So that there is not much to dig through. */
static void limit_stack(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_STACK, &limit);
	limit.rlim_cur = 1 << 20;
	setrlimit(RLIMIT_STACK, &limit);
}

static void dig(volatile char *above)
{
	volatile char room[2048];

	room[0] = above[0];
	if (room[0] == 0)
		dig(room);
	room[1] = room[0];
}

START_TEST(stack_overflow_on_another_stack)
{
	char start = 0;
	stack_t stack = {.ss_sp = must_map(16 * PAGE), .ss_size = 16 * PAGE};

	handle_all();
	limit_stack();
	ck_assert_ok(sigaltstack(&stack, NULL));
	ck_assert_int_eq(SIGNAL_OF(dig(&start)), SIGSEGV);
	ck_assert((uintptr_t)seen.si_addr < (uintptr_t)&start);
	ck_assert((uintptr_t)seen.si_addr > (uintptr_t)&start - (2 << 20));
}
END_TEST

static int overflow_without_another(void)
{
	struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
	char start = 0;

	sigaction(SIGSEGV, &action, NULL);
	limit_stack();
	dig(&start);
	return 0;
}

/* No room for a handler's frame, a blocked fault, a fault in the handler: the end. */
START_TEST(no_way_out)
{
	ck_assert_int_eq(WTERMSIG(run_in_child(overflow_without_another)), SIGSEGV);
}
END_TEST

static int fault_while_blocked(void)
{
	sigset_t set;

	handle_all();
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*(volatile char *)0 = 1;
	return 0;
}

static int fault_while_ignored(void)
{
	signal(SIGSEGV, SIG_IGN);
	*(volatile char *)0 = 1;
	return 0;
}

START_TEST(faults_cannot_be_held_back)
{
	ck_assert_int_eq(WTERMSIG(run_in_child(fault_while_blocked)), SIGSEGV);
	ck_assert_int_eq(WTERMSIG(run_in_child(fault_while_ignored)), SIGSEGV);
}
END_TEST

TCase *signal_fault_tests(void)
{
	TCase *tests = tcase_create("faults");

	tcase_add_test(tests, missing_pages);
	tcase_add_test(tests, forbidden_accesses);
	tcase_add_test(tests, end_of_file);
	tcase_add_test(tests, instructions);
	tcase_add_test(tests, floating_point);
	tcase_add_test(tests, handlers_change_registers);
	tcase_add_test(tests, stack_overflow_on_another_stack);
	tcase_add_test(tests, no_way_out);
	tcase_add_test(tests, faults_cannot_be_held_back);
	return tests;
}
