/* SPDX-License-Identifier: MIT */
/*
 * vectors.c: processes side by side, each with values of its own in all vector registers that there
 * are (SSE, AVX or AVX-512) and in MXCSR, which must be there after switches, system calls and
 * signals whose handlers use them all; a child has its parent's; what a handler changes in its
 *frame arrives.
 *
 *	vectors [ROUNDS [PROCESSES]]
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define TICK_US     50000
#define SPIN        20000
#define CHANGED     5   /* the register that a handler changes */
#define YMM_AT      576 /* upper halves of ymm in a frame: SDM vol. 1, 13.4 "XSAVE Area" */
#define MAGIC_AT    464
#define MAGIC       0x46505853
#define DEFAULT_CSR 0x1f80
#define OUR_CSR     0xffc0 /* all masked, FZ, RC = 3, DAZ */

struct registers {
	uint8_t vector[32][64];
	uint16_t mask[8];
	uint32_t mxcsr;
};

static enum { SSE, AVX, AVX512 } level;
static volatile sig_atomic_t change, changed;

/* Loads, waits, makes a system call, stores; its result. */
#ifdef __i386__
#define FIRST_8_ONLY 1
#define REGISTERS    "0,1,2,3,4,5,6,7"
#define CALL         "int $0x80\n"
#define EXCHANGE(load, store)                                                         \
	asm volatile(load "ldmxcsr %c[csr](%[in])\n1: dec %[spin]\njnz 1b\n" CALL     \
			  "stmxcsr %c[csr](%[out])\n" store "ldmxcsr %[usual]\n"      \
		     : "+a"(result), [spin] "+d"(spin)                                \
		     : [in] "S"(in), [out] "D"(out), "b"(first),                      \
		     "c"(second), [csr] "i"(offsetof(struct registers, mxcsr)),       \
		     [usual] "m"(usual), [mask] "i"(offsetof(struct registers, mask)) \
		     : "memory")
#else
#define FIRST_8_ONLY 0
#define REGISTERS    "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
#define CALL         "syscall\n"
#define EXCHANGE(load, store)                                                                     \
	asm volatile(load "ldmxcsr %c[csr](%[in])\n1: dec %[spin]\njnz 1b\n" CALL                 \
			  "stmxcsr %c[csr](%[out])\n" store "ldmxcsr %[usual]\n"                  \
		     : "+a"(result), [spin] "+d"(spin)                                            \
		     : [in] "b"(in), [out] "r"(out), "D"(first),                                  \
		     "S"(second), [csr] "i"(offsetof(struct registers, mxcsr)),                   \
		     [usual] "m"(usual), [mask] "i"(offsetof(struct registers, mask))             \
		     : "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",    \
		     "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", \
		     "xmm15")
#endif
#define EACH(registers, line) ".irp i," registers "\n" line "\n.endr\n"

static long exchange(const struct registers *in, struct registers *out, unsigned long spin,
	long result, long first, long second)
{
	const uint32_t usual = DEFAULT_CSR;

	switch (level) {
	case SSE:
		EXCHANGE(EACH(REGISTERS, "movups \\i*64(%[in]), %%xmm\\i"),
			EACH(REGISTERS, "movups %%xmm\\i, \\i*64(%[out])"));
		break;
	case AVX:
		EXCHANGE(EACH(REGISTERS, "vmovups \\i*64(%[in]), %%ymm\\i"),
			EACH(REGISTERS, "vmovups %%ymm\\i, \\i*64(%[out])") "vzeroupper\n");
		break;
	case AVX512:
#ifndef __i386__
#define ALL REGISTERS ",16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"
		EXCHANGE(EACH(ALL, "vmovups \\i*64(%[in]), %%zmm\\i")
				 EACH("0,1,2,3,4,5,6,7", "kmovw %c[mask]+\\i*2(%[in]), %%k\\i"),
			EACH(ALL, "vmovups %%zmm\\i, \\i*64(%[out])") EACH("0,1,2,3,4,5,6,7",
				"kmovw %%k\\i, %c[mask]+\\i*2(%[out])") "vzeroupper\n");
#endif
		break;
	}
	return result;
}

/* What the level has no register for stays as it is. */
static void fill(struct registers *registers, unsigned seed)
{
	static const unsigned sizes[] = {16, 32, 64}, counts[] = {16, 16, 32};
	unsigned count = FIRST_8_ONLY ? 8 : counts[level];

	memset(registers, 0, sizeof(*registers));
	for (unsigned i = 0; i < count; i++) {
		for (unsigned k = 0; k < sizes[level]; k++)
			registers->vector[i][k] = (uint8_t)(seed * 31 + i * 7 + k);
	}
	for (unsigned i = 0; level == AVX512 && i < 8; i++)
		registers->mask[i] = (uint16_t)(seed * 977 + i);
	registers->mxcsr = DEFAULT_CSR | (seed % 2 ? OUR_CSR : 0);
}

static void change_frame(ucontext_t *context)
{
	uint8_t *frame = (uint8_t *)context->uc_mcontext.fpregs;
	uint32_t magic;

#ifdef __i386__
	frame += 112; /* FSAVE's part */
#endif
	memcpy(&magic, frame + MAGIC_AT, sizeof(magic));
	for (unsigned i = 0; i < 16; i++) {
		frame[160 + CHANGED * 16 + i] ^= 0xff;
		if (magic == MAGIC)
			frame[YMM_AT + CHANGED * 16 + i] ^= 0xff;
	}
	changed = 1;
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	static struct registers other, out;

	fill(&other, 99);
	exchange(&other, &out, 1, SYS_getpid, 0, 0);
	if (number == SIGUSR1 && change) {
		change = 0;
		change_frame(context);
	}
}

static int differ(const struct registers *in, const struct registers *out, const char *when)
{
	if (memcmp(in, out, sizeof(*in)) == 0)
		return 0;
	for (unsigned i = 0; i < 32; i++) {
		if (memcmp(in->vector[i], out->vector[i], 64) != 0)
			printf("vectors: register %u, after %s\n", i, when);
	}
	if (in->mxcsr != out->mxcsr)
		printf("vectors: MXCSR 0x%x became 0x%x after %s\n", in->mxcsr, out->mxcsr, when);
	if (memcmp(in->mask, out->mask, sizeof(in->mask)) != 0)
		printf("vectors: masks, after %s\n", when);
	return 1;
}

static int one_round(unsigned seed)
{
	static struct registers in, out;
	int status, wrong;
	long pid;

	fill(&in, seed);
	fill(&out, 0);
	exchange(&in, &out, 1, SYS_sched_yield, 0, 0);
	wrong = differ(&in, &out, "a yield");
	exchange(&in, &out, 1 + seed % 7 * SPIN, SYS_getpid, 0, 0);
	wrong += differ(&in, &out, "a wait");
	if (seed % 4 == 0) {
		change = 1;
		exchange(&in, &out, 1, SYS_kill, getpid(), SIGUSR1);
		for (unsigned i = 0; i < (level == SSE ? 16 : 32); i++)
			in.vector[CHANGED][i] ^= 0xff;
		wrong += differ(&in, &out, "a signal");
	}
	if (seed % 16 == 0) {
		pid = exchange(&in, &out, 1, SYS_fork, 0, 0);
		if (pid == 0)
			_exit(differ(&in, &out, "a child's birth"));
		wrong += differ(&in, &out, "a fork");
		if (pid > 0 && waitpid((pid_t)pid, &status, 0) == pid)
			wrong += status != 0;
	}
	return wrong;
}

static int one_process(unsigned number, unsigned rounds)
{
	const struct itimerval tick = {{0, TICK_US}, {0, TICK_US}};
	const struct sigaction action = {
		.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
	int wrong = 0;

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	for (unsigned i = 0; i < rounds; i++)
		wrong += one_round(number * 37 + i);
	fflush(stdout);
	return wrong != 0;
}

static void find_level(void)
{
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx"))
		level = AVX;
#ifndef __i386__
	if (__builtin_cpu_supports("avx512f"))
		level = AVX512;
#endif
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"SSE", "AVX", "AVX-512"};
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 100;
	unsigned processes = argc > 2 ? (unsigned)atoi(argv[2]) : 3;
	int status, wrong = 0;

	find_level();
	for (unsigned i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(one_process(i + 1, rounds));
		wrong += pid < 0;
	}
	while (wait(&status) > 0)
		wrong += status != 0;
	printf("vectors: %s, %u rounds of %u processes, %d wrong\n", names[level], rounds,
		processes, wrong);
	return wrong != 0;
}
