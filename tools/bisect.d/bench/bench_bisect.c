/* SPDX-License-Identifier: MIT */
/*
 * bench_bisect.c: tries a second: a machine that is used again, against starting vmm anew for each,
 * and against QEMU's microvm where that is installed. The ways take turns, so that a busy machine
 * slows all of them; medians count.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../vmm/tests/tiny_guest.h"
#include "machine.h"
#include "run.h"
#include "vm.h"

#define ROUNDS 15
#define BATCH  0.1 /* seconds of tries in one machine */
#define LIMIT  20  /* seconds a process */

/* Dies as wished: at an exception that its IDT does not take. */
GUEST64(tiny_dies, IRQCHIP_NONE, "lidt 3f(%rip); ud2; 3: .word 0; .quad 0\n");
GUEST64(tiny_lives, IRQCHIP_NONE, TURN_OFF);
/* A BIOS of 64 KiB that ends by isa-debug-exit. */
asm(".pushsection .rodata\n"
    "guest_bios: .code16\n mov $0, %al; out %al, $0xf4; hlt\n"
    ".org guest_bios + 0xfff0; ljmp $0xf000, $0\n"
    ".org guest_bios + 0x10000; guest_bios_end: .code64\n"
    ".popsection\n");
extern const char guest_bios[], guest_bios_end[];

static char folder[] = "/tmp/vmm-bench-XXXXXX";

static const char *keep(const char *name, const void *bytes, size_t n)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		err(1, "memory");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || close(fd))
		err(1, "%s", path);
	return path;
}

#define KEEP(name) keep(#name, guest_##name, (size_t)(guest_##name##_end - guest_##name))

/* Seconds a process takes, or 0 when it does not end as it should. */
static double start_once(const char *const *words, int wanted)
{
	double start = machine_now();
	pid_t child = vfork();
	int status;

	if (child < 0)
		err(1, "vfork");
	if (!child) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		alarm(LIMIT);
		execvp(words[0], (char *const *)words);
		_exit(127);
	}
	if (waitpid(child, &status, 0) < 0)
		err(1, "waitpid");
	return WIFEXITED(status) && WEXITSTATUS(status) == wanted ? machine_now() - start : 0;
}

/* Seconds of a try in a machine that exists. */
static double try_batch(struct vm *vm, const struct content *content)
{
	double start = machine_now();
	struct trial trial;
	struct error error;
	unsigned n = 0;

	do {
		if (!vm_try(vm, content, LIMIT, &trial, &error))
			errx(1, "%s", error.text);
		n++;
	} while (machine_now() - start < BATCH);
	return (machine_now() - start) / n;
}

static int compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(values[0]), compare);
	return values[ROUNDS / 2];
}

static void print_row(const char *name, double seconds, double reused)
{
	if (seconds <= 0)
		printf("  %-34s does not work here\n", name);
	else
		printf("  %-34s %9.1f/s %9.2f ms   x%.1f\n", name, 1 / seconds, seconds * 1e3,
			seconds / reused);
}

struct subject {
	const char *name, *path;
	int status;       /* of vmm */
	const char *bios; /* a guest of the same size for QEMU, or NULL */
};

static void measure(const struct kvm *kvm, const char *vmm, const struct subject *subject)
{
	struct config config = {.memory = 128 << 20, .cpus = 1, .command_line = (char *)""};
	const char *const anew[] = {vmm, "-q", subject->path, NULL};
	const char *const qemu[] = {"qemu-system-x86_64", "-M", "microvm,pit=off,pic=off,rtc=off",
		"-accel", "kvm", "-m", "128", "-display", "none", "-nodefaults", "-no-user-config",
		"-no-reboot", "-device", "isa-debug-exit,iobase=0xf4", "-bios", subject->bios,
		NULL};
	double reused[ROUNDS], started[ROUNDS], qemus[ROUNDS] = {0}, base;
	struct vm *vm = vm_create(kvm, &config);
	struct content content;
	struct error error;

	if (!vm || !content_read(&content, subject->path, &error))
		errx(1, "%s", vm ? error.text : "memory");
	try_batch(vm, &content);
	for (unsigned i = 0; i < ROUNDS; i++) {
		reused[i] = try_batch(vm, &content);
		started[i] = start_once(anew, subject->status);
		if (subject->bios)
			qemus[i] = start_once(qemu, 1);
	}
	base = median(reused);
	printf("%s\n", subject->name);
	print_row("one machine, used again", base, base);
	print_row("vmm started anew", median(started), base);
	if (subject->bios)
		print_row("QEMU microvm, KVM (aim x50)", median(qemus), base);
	content_free(&content);
	vm_destroy(vm);
}

int main(int argc, char **argv)
{
	const char *build = argc > 1 ? argv[1] : "build";
	char vmm[4096], kernel[4096], command[64];
	struct subject subjects[3];
	struct error error;
	struct kvm kvm;

	if (!mkdtemp(folder))
		err(1, "%s", folder);
	snprintf(vmm, sizeof(vmm), "%s/vmm", build);
	snprintf(kernel, sizeof(kernel), "%s/guest/kernel.elf", build);
	subjects[0] = (struct subject){"a tiny guest that lives", KEEP(tiny_lives), 0, KEEP(bios)};
	subjects[1] = (struct subject){
		"a tiny guest that dies (vmm explains it)", KEEP(tiny_dies), 80, NULL};
	subjects[2] = (struct subject){"the guest kernel", kernel, 0, NULL};
	run_block_signals();
	if (!kvm_open(&kvm, &error))
		errx(error.status, "%s", error.text);
	printf("\nbisect: tries a second, medians of %u\n", ROUNDS);
	for (unsigned i = 0; i < 3; i++)
		measure(&kvm, vmm, &subjects[i]);
	kvm_close(&kvm);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) != 0;
}
