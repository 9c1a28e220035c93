/* SPDX-License-Identifier: MIT */
/*
 * bench.c: what vmm costs, as ratios: start-up beside the floor that KVM sets and beside QEMU's
 * microvm, console throughput, the price of a verdict. Programs take turns, so that a busy machine
 * slows all of them; medians count.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "../tests/tiny_guest.h"
#include "bench_process.h"

#define ROUNDS  101
#define WORDS   28
#define PROMPTS 11

#define HELLO                                                                     \
	"cld; 1: lodsb; test %al, %al; jz 2f; out %al, $0xe9; jmp 1b; 2:\n" EXIT( \
		0) "3: .ascii \"hello\\n\\0\"\n"
GUEST16(hello16, IRQCHIP_NONE, "mov $(3f - start), %si\n" HELLO);
GUEST64(hello64, IRQCHIP_NONE, "lea 3f(%rip), %rsi\n" HELLO);
GUEST64(hello_split, IRQCHIP_SPLIT, "lea 3f(%rip), %rsi\n" HELLO);
GUEST64(hello_full, IRQCHIP_FULL, "lea 3f(%rip), %rsi\n" HELLO);

BENCH_BIOS;

/* A million bytes, one by one, and few instructions beside: some KVMs emulate each of them; 256
 * buffers of a million bytes. */
#define BYTES                                                                  \
	"mov $10000, %bx; 1: mov $'x', %al; .rept 99; out %al, $0xe9; .endr\n" \
	"mov $10, %al; out %al, $0xe9; dec %bx; jnz 1b\n" EXIT(0)
GUEST16(bytes16, IRQCHIP_NONE, BYTES);
GUEST64(bytes64, IRQCHIP_NONE, BYTES);
GUEST64(buffers, IRQCHIP_NONE,
	"mov $0x200000, %edi; mov $125000, %ecx; mov $0x0a78787878787878, %rax; cld; rep stosq\n"
	"mov $256, %ebx; lea 3f(%rip), %eax; mov $0x501, %dx; 1: out %eax, %dx; dec %ebx; jnz "
	"1b\n" EXIT(0) ".balign 8; 3: .quad 0x200000; .long 1000000, 0\n");

/* The same work, ending well and ending in a triple fault. */
GUEST64(ends_well, IRQCHIP_NONE, "lidt 3f(%rip)\n" EXIT(0) "3: .word 0; .quad 0\n");
GUEST64(ends_badly, IRQCHIP_NONE, "lidt 3f(%rip); ud2; 3: .word 0; .quad 0\n");

struct program {
	const char *name;
	const char *words[WORDS];
	int status;
	double ms[ROUNDS];
	long rss; /* KiB, the highest */
	bool works;
	const char *aim; /* what the ratio or time should come to; NULL: none */
};

static double run_once(struct program *program)
{
	struct rusage usage;
	int status;
	double ms = run_words(program->words, &status, &usage);

	program->works = status == program->status;
	if (usage.ru_maxrss > program->rss)
		program->rss = usage.ru_maxrss;
	return ms;
}

/* Medians tell what a user waits for; the best run hardly depends on what else runs. The first
 * program is what the others are compared with: "x 1.20" takes 1.2 times as long. */
static void print_times(struct program *programs, unsigned n, unsigned rounds)
{
	double base = median(programs[0].ms, rounds);

	printf("  %-34s %9s %9s %12s   %s\n", "", "median ms", "best ms", "peak RSS",
		"x the first: median, best");
	for (unsigned i = 0; i < n; i++) {
		struct program *program = &programs[i];
		double middle = median(program->ms, rounds);

		if (!program->works)
			printf("  skip: %s: not installed or does not run here\n", program->name);
		else
			printf("  %-34s %9.2f %9.2f %8ld KiB   x %.2f, x %.2f%s%s\n", program->name,
				middle, program->ms[0], program->rss, middle / base,
				program->ms[0] / programs[0].ms[0], program->aim ? "   aim: " : "",
				program->aim ? program->aim : "");
	}
}

/* Each in turn; those that do not work the first time are left out. */
static void run_all(struct program *programs, unsigned n, unsigned rounds)
{
	for (unsigned i = 0; i < n; i++)
		run_once(&programs[i]);
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned i = 0; i < n; i++)
			if (programs[i].works)
				programs[i].ms[round] = run_once(&programs[i]);
}

static void start_up(const char *vmm, const char *floor)
{
	struct program programs[] = {
		{"floor: static C, guest without CPUID", {floor}, 0},
		{"floor, guest with a CPUID", {floor, "cpuid"}, 0},
		{"vmm, real mode, no irqchip", {vmm, GUEST_FILE(hello16)}, 0, .aim = "x 1.3"},
		{"vmm, long mode, no irqchip", {vmm, GUEST_FILE(hello64)}, 0, .aim = "x 1.3"},
		{"vmm, long mode, split irqchip", {vmm, GUEST_FILE(hello_split)}, 0, .aim = "3 ms"},
		{"vmm, long mode, full irqchip", {vmm, GUEST_FILE(hello_full)}, 0},
	};
	const unsigned n = sizeof(programs) / sizeof(programs[0]);

	printf("\nstart-up: print a line and end, whole process, %d interleaved runs; aim for "
	       "memory: "
	       "2048 KiB + guest pages\n",
		ROUNDS);
	run_all(programs, n, ROUNDS);
	print_times(programs, n, ROUNDS);
	printf("  vmm, real mode, is x %.2f of the best floor with a CPUID: KVM takes the rest to "
	       "tell "
	       "which it offers\n",
		programs[2].ms[0] / programs[1].ms[0]);
}

#define QEMU(accel, bios)                                                                     \
	{                                                                                     \
		"qemu-system-x86_64", "-M", "microvm,rtc=off,pit=off,pic=off,isa-serial=off", \
			"-accel", accel, "-m", "128", "-nodefaults", "-no-user-config",       \
			"-display", "none", "-debugcon", "stdio", "-device",                  \
			"isa-debug-exit,iobase=0xf4", "-no-reboot", "-bios", bios             \
	}

static void start_up_qemu(const char *vmm)
{
	const char *bios = write_file("bios", guest_bios, (size_t)(guest_bios_end - guest_bios));
	struct program programs[] = {
		{"vmm, real mode, no irqchip", {vmm, GUEST_FILE(hello16)}, 0},
		{"QEMU microvm, KVM", QEMU("kvm", bios), 1},
		{"QEMU microvm, TCG", QEMU("tcg", bios), 1},
	};

	printf("\nthe same line from QEMU's microvm, 11 interleaved runs\n");
	run_all(programs, 3, 11);
	print_times(programs, 3, 11);
}

/* Megabytes a second over and above a run that prints nothing to speak of; by the best runs. */
static void throughput(const char *vmm, const char *floor)
{
	struct program programs[] = {
		{"", {floor}, 0},
		{"", {vmm, GUEST_FILE(hello64)}, 0},
		{"floor: 0xe9, coalesced, real mode", {floor, "bytes"}, 0},
		{"vmm: 0xe9, coalesced, real mode", {vmm, GUEST_FILE(bytes16)}, 0},
		{"vmm: 0xe9, coalesced, long mode", {vmm, GUEST_FILE(bytes64)}, 0, .aim = "1 MB/s"},
		{"vmm: 0x501, 1 MB a buffer", {vmm, GUEST_FILE(buffers)}, 0, .aim = "100 MB/s"},
	};
	const double megabytes[] = {0, 0, 1, 1, 1, 256};
	double first = 0;

	run_all(programs, 6, 5);
	printf("\nconsole to /dev/null, start-up taken off, best of 5 interleaved runs\n");
	for (unsigned i = 0; i < 6; i++)
		median(programs[i].ms, 5);
	for (unsigned i = 2; i < 6; i++) {
		double start = programs[i == 2 ? 0 : 1].ms[0];
		double rate = megabytes[i] * 1e3 / (programs[i].ms[0] - start);

		first = i == 2 ? rate : first;
		printf("  %-34s %9.2f MB/s   x %.2f the floor's%s%s\n", programs[i].name, rate,
			rate / first, programs[i].aim ? "   aim: " : "",
			programs[i].aim ? programs[i].aim : "");
	}
}

static void verdict(const char *vmm)
{
	struct program programs[] = {
		{"ends well", {vmm, GUEST_FILE(ends_well)}, 0},
		{"dies, explained", {vmm, GUEST_FILE(ends_badly)}, 80},
	};
	double well, badly;

	run_all(programs, 2, 31);
	well = median(programs[0].ms, 31);
	badly = median(programs[1].ms, 31);
	printf("\na verdict: the same guest with and without a triple fault, 31 interleaved "
	       "runs\n");
	print_times(programs, 2, 31);
	printf("  the verdict takes %.2f ms by the medians, %.2f ms by the best runs\n",
		badly - well, programs[1].ms[0] - programs[0].ms[0]);
}

static void kernel(const char *vmm, const char *build)
{
	char image[4096];
	struct program programs[] = {
		{"vmm, long mode, no irqchip", {vmm, GUEST_FILE(hello64)}, 0},
		{"vmm kernel.bin", {vmm, image}, 0},
	};
	double hello, whole;

	snprintf(image, sizeof(image), "%s/guest/kernel.bin", build);
	if (access(image, R_OK)) {
		printf("skip: %s is not there\n", image);
		return;
	}
	run_all(programs, 2, 11);
	hello = median(programs[0].ms, 11);
	whole = median(programs[1].ms, 11);
	printf("\nkernel.bin, whole process, 11 interleaved runs\n");
	if (programs[1].works)
		printf("  %-32s %9.2f ms, %.2f ms more than a guest that prints a line\n",
			programs[1].name, whole, whole - hello);
	else
		printf("  kernel.bin does not end with status 0\n");
}

static pid_t start_between(const char *const *words, int in, int out)
{
	pid_t child = vfork();

	if (child < 0)
		err(1, "vfork");
	if (!child) {
		dup2(in, 0);
		dup2(out, 1);
		alarm(BENCH_LIMIT);
		execv(words[0], (char *const *)words);
		_exit(127);
	}
	close(in);
	close(out);
	return child;
}

/* Milliseconds from the start of vmm until the guest's shell shows its prompt, after which it finds
 * the end of its input; -1: it never does. */
static double run_to_prompt(const char *const *words)
{
	double start = now_ms(), ms;
	int in[2], out[2];
	char text[8192];
	size_t used = 0;
	ssize_t n;
	pid_t child;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		err(1, "pipe");
	child = start_between(words, in[0], out[1]);
	do {
		n = read(out[0], text + used, sizeof(text) - 1 - used);
		used += n > 0 ? (size_t)n : 0;
		text[used] = '\0';
	} while (n > 0 && !strstr(text, "/ # "));
	ms = now_ms() - start;
	close(in[1]);
	while (read(out[0], text, sizeof(text)) > 0)
		;
	close(out[0]);
	waitpid(child, NULL, 0);
	return n > 0 ? ms : -1;
}

static void prompt(const char *vmm, const char *build)
{
	char image[4096], initrd[4096];
	const char *const words[] = {vmm, "-i", initrd, image, NULL};
	double ms[PROMPTS], middle;

	snprintf(image, sizeof(image), "%s/guest/kernel.bin", build);
	snprintf(initrd, sizeof(initrd), "%s/guest/initrd.cpio", build);
	for (int i = 0; i < PROMPTS; i++) {
		ms[i] = run_to_prompt(words);
		if (ms[i] < 0) {
			printf("\nskip: no prompt from %s\n", initrd);
			return;
		}
	}
	middle = median(ms, PROMPTS);
	printf("\nthe guest's shell, until its prompt shows, %d runs\n", PROMPTS);
	printf("  %-34s %9s %9s\n", "", "median ms", "best ms");
	printf("  %-34s %9.2f %9.2f   aim: 100 ms\n", "from vmm's start", middle, ms[0]);
}

int main(int argc, char **argv)
{
	char vmm[4096], floor[4096];
	const char *build = argc > 1 ? argv[1] : "build";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (access("/dev/kvm", R_OK | W_OK)) {
		printf("skip: bench: /dev/kvm cannot be used here\n");
		return 0;
	}
	snprintf(vmm, sizeof(vmm), "%s/vmm", build);
	snprintf(floor, sizeof(floor), "%s/bench/floor", build);
	start_up(vmm, floor);
	start_up_qemu(vmm);
	throughput(vmm, floor);
	kernel(vmm, build);
	verdict(vmm);
	prompt(vmm, build);
	return bench_remove_folder();
}
