/* SPDX-License-Identifier: MIT */
/*
 * isolation.c: touches every kind of address and does every instruction that a program must not, by
 * itself and through system calls. Each attempt must end in a signal or an error. Ends with status
 * 0 when all did.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

/* The kernel's addresses are in arch/ARCH/layout.h. */
#ifdef __i386__
#define ACCUMULATOR "eax"
#define DATA        "edx"
#define KERNEL_CODE 0x80100000
#define KERNEL_HALF 0x80000000
#define SLOT        0x400000 /* what an entry of the top-level table stands for */
#define SLOTS       512
#else
#define ACCUMULATOR "rax"
#define DATA        "rdx"
#define KERNEL_CODE 0xffffffff80100000
#define KERNEL_HALF 0xffff800000000000
#define SLOT        0x8000000000
#define SLOTS       256
#endif

static const struct {
	const char *name;
	uintptr_t address;
} places[] = {
#ifdef __i386__
	{"null", 0},
	{"below the lowest mapping", 0xfff8},
	{"the last page of the user half", 0x7ffff000},
	{"the first page", 0x80000000},
	{"the kernel's code", KERNEL_CODE},
	{"the kernel's code, in the middle", 0x80110000},
	{"the kernel's data", 0x80130000},
	{"the direct map", 0x80400000},
	{"the direct map's end", 0x87ffc000},
	{"the heap", 0xe0000000},
	{"kernel stacks", 0xf0004000},
	{"devices", 0xff000000},
	{"the last page", 0xfffff000},
};
#else
	{"null", 0},
	{"below the lowest mapping", 0xfff8},
	{"the last page of the user half", 0x7fffffffe000 + 0x1000},
	{"the first address that is not canonical", 0x0000800000000000},
	{"the middle of no address", 0x1234800000000000},
	{"the last address that is not canonical", 0xffff7ffffffffff8},
	{"the direct map", 0xffff800000200000},
	{"the direct map's end", 0xffff800007fff000},
	{"the heap", 0xffffc00000000000},
	{"devices", 0xffffd00000000000},
	{"kernel stacks", 0xffffe00000004000},
	{"the kernel's code", KERNEL_CODE},
	{"the kernel's code, in the middle", 0xffffffff80108000},
	{"the kernel's data", 0xffffffff80120000},
	{"the last page", 0xfffffffffffff000},
};
#endif

static sigjmp_buf back;
static unsigned attempts, failures;

static void on_signal(int signal)
{
	siglongjmp(back, signal);
}

/* The attempt, unless it is refused by a signal. */
#define ATTEMPT(what, how, ...)                                               \
	do {                                                                  \
		attempts++;                                                   \
		if (sigsetjmp(back, 1) == 0) {                                \
			__VA_ARGS__;                                          \
			failures++;                                           \
			printf("isolation: %s: %s was allowed\n", what, how); \
		}                                                             \
	} while (0)

static void expect(const char *what, const char *how, long result, int error)
{
	attempts++;
	if (result == -1 && errno == error)
		return;
	failures++;
	printf("isolation: %s: %s gave %ld, errno %d\n", what, how, result, errno);
}

static void touch(const char *name, uintptr_t address)
{
	volatile uint8_t *pointer = (volatile uint8_t *)address;
	void (*function)(void) = (void (*)(void))address;

	ATTEMPT(name, "reading", (void)*pointer);
	ATTEMPT(name, "writing", *pointer = 1);
	ATTEMPT(name, "calling", function());
}

/* The kernel must not do for the program what the program may not. */
static void pass(const char *name, uintptr_t address, int pipe_in, int pipe_out)
{
	void *pointer = (void *)address;

	expect(name, "write", write(pipe_out, pointer, 8), EFAULT);
	if (write(pipe_out, "12345678", 8) == 8) {
		char rest[8];

		expect(name, "read", read(pipe_in, pointer, 8), EFAULT);
		(void)!read(pipe_in, rest, sizeof(rest));
	}
	expect(name, "uname", uname(pointer), EFAULT);
	expect(name, "access", access(pointer, F_OK), EFAULT);
	expect(name, "nanosleep", syscall(SYS_nanosleep, pointer, NULL), EFAULT);
	expect(name, "mprotect", mprotect((void *)(address & ~(uintptr_t)0xfff), 4096, PROT_READ),
		ENOMEM);
}

/* Each entry of the top-level table in the kernel's half. */
static void sweep(int pipe_out)
{
	char name[32];

	for (uintptr_t i = 0; i < SLOTS; i++) {
		uintptr_t address = KERNEL_HALF + i * SLOT;

		snprintf(name, sizeof(name), "%#lx", (unsigned long)address);
		ATTEMPT(name, "reading", (void)*(volatile uint8_t *)address);
		expect(name, "write", write(pipe_out, (void *)address, 1), EFAULT);
	}
}

static void instructions(void)
{
	ATTEMPT("hlt", "it", asm volatile("hlt"));
	ATTEMPT("cli", "it", asm volatile("cli"));
	ATTEMPT("sti", "it", asm volatile("sti"));
	ATTEMPT("in", "it", asm volatile("inb $0x60, %%al" : : : ACCUMULATOR));
	ATTEMPT("out", "it", asm volatile("outb %%al, $0xf4" : : "a"(0)));
	ATTEMPT("mov to cr3", "it", asm volatile("mov %0, %%cr3" : : "r"(0ul)));
	ATTEMPT("mov from cr0", "it", asm volatile("mov %%cr0, %%" ACCUMULATOR : : : ACCUMULATOR));
	ATTEMPT("wrmsr", "it", asm volatile("wrmsr" : : "a"(0), "d"(0), "c"(0xc0000082)));
	ATTEMPT("rdmsr", "it", asm volatile("rdmsr" : : "c"(0xc0000082) : ACCUMULATOR, DATA));
	ATTEMPT("lidt", "it", asm volatile("lidt (%0)" : : "r"(&back)));
	ATTEMPT("ltr", "it", asm volatile("ltr %w0" : : "r"(0x28)));
	ATTEMPT("invlpg", "it", asm volatile("invlpg (%0)" : : "r"(&back)));
#ifndef __i386__
	ATTEMPT("swapgs", "it", asm volatile("swapgs"));
#endif
	ATTEMPT("ud2", "it", asm volatile("ud2"));
}

#ifdef __i386__
static int chosen_selector;

static void choose(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	registers[REG_FS] = registers[REG_ES] = chosen_selector;
}

/* Selectors that a program must not have (arch/i386/layout.h), loaded for it by the kernel: nothing
 * comes of them. */
static void selectors(void)
{
	static const int bad[] = {0x08, 0x0b, 0x10, 0x13, 0x28, 0x2b, 0x3b, 0x4b, 0x50, 4, 0xfffc};
	const struct sigaction action = {.sa_sigaction = choose, .sa_flags = SA_SIGINFO};
	uint16_t fs, es;

	sigaction(SIGUSR1, &action, NULL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		chosen_selector = bad[i];
		raise(SIGUSR1);
		asm volatile("mov %%fs, %0; mov %%es, %1; mov %%ds, %%eax; mov %%eax, %%es"
			     : "=r"(fs), "=r"(es)
			     :
			     : "eax");
		attempts++;
		if (!(fs & ~3) && !(es & ~3))
			continue;
		failures++;
		printf("isolation: selector 0x%x: fs became 0x%x, es 0x%x\n", bad[i], fs, es);
	}
}
#else
static void selectors(void)
{
}
#endif

/* Without a handler it is the end of the process. */
static void die_of(const char *name, uintptr_t address)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile uint8_t *)address = 1;
		_exit(0);
	}
	attempts++;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status) ||
		WTERMSIG(status) != SIGSEGV) {
		failures++;
		printf("isolation: %s: the writer lived, status 0x%x\n", name, status);
	}
}

int main(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
	int ends[2];

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], on_signal);
	if (pipe(ends)) {
		perror("isolation: pipe");
		return 1;
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		touch(places[i].name, places[i].address);
		pass(places[i].name, places[i].address, ends[0], ends[1]);
	}
	sweep(ends[1]);
	instructions();
	selectors();
	die_of("the kernel's code", KERNEL_CODE);
	die_of("null", 0);
	printf("isolation: %u attempts, %u allowed\n", attempts, failures);
	return failures ? 1 : 0;
}
