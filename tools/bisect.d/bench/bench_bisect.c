/* SPDX-License-Identifier: MIT */
/*
 * bench_bisect.c: tries a second: a machine that is used again, against starting vmm anew for each,
 * and against QEMU's microvm where that is installed. The ways take turns, so that a busy machine
 * slows all of them; medians count.
 */
#define _GNU_SOURCE
#include "../../../vmm/bench/bench_process.h"
#include "../../../vmm/tests/tiny_guest.h"
#include "machine.h"
#include "run.h"
#include "vm.h"

#define ROUNDS 15
#define BATCH  0.1 /* seconds of tries in one machine */

/* Dies as wished: at an exception that its IDT does not take. */
GUEST64(tiny_dies, IRQCHIP_NONE, "lidt 3f(%rip); ud2; 3: .word 0; .quad 0\n");
GUEST64(tiny_lives, IRQCHIP_NONE, TURN_OFF);
BENCH_BIOS;

/* Seconds a process takes, or 0 when it does not end as it should. */
static double start_once(const char *const *words, int wanted)
{
	struct rusage usage;
	int status;
	double ms = run_words(words, &status, &usage);

	return status == wanted ? ms / 1e3 : 0;
}

/* Seconds of a try in a machine that exists. */
static double try_batch(struct vm *vm, const struct content *content)
{
	double start = machine_now();
	struct trial trial;
	struct error error;
	unsigned n = 0;

	do {
		if (!vm_try(vm, content, BENCH_LIMIT, &trial, &error))
			errx(1, "%s", error.text);
		n++;
	} while (machine_now() - start < BATCH);
	return (machine_now() - start) / n;
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
	base = median(reused, ROUNDS);
	printf("%s\n", subject->name);
	print_row("one machine, used again", base, base);
	print_row("vmm started anew", median(started, ROUNDS), base);
	if (subject->bios)
		print_row("QEMU microvm, KVM (aim x50)", median(qemus, ROUNDS), base);
	content_free(&content);
	vm_destroy(vm);
}

int main(int argc, char **argv)
{
	const char *build = argc > 1 ? argv[1] : "build";
	char vmm[4096], kernel[4096];
	struct subject subjects[3];
	struct error error;
	struct kvm kvm;

	snprintf(vmm, sizeof(vmm), "%s/vmm", build);
	snprintf(kernel, sizeof(kernel), "%s/guest/kernel.elf", build);
	subjects[0] = (struct subject){
		"a tiny guest that lives", GUEST_FILE(tiny_lives), 0, GUEST_FILE(bios)};
	subjects[1] = (struct subject){
		"a tiny guest that dies (vmm explains it)", GUEST_FILE(tiny_dies), 80, NULL};
	subjects[2] = (struct subject){"the guest kernel", kernel, 0, NULL};
	run_block_signals();
	if (!kvm_open(&kvm, &error))
		errx(error.status, "%s", error.text);
	printf("\nbisect: tries a second, medians of %u\n", ROUNDS);
	for (unsigned i = 0; i < 3; i++)
		measure(&kvm, vmm, &subjects[i]);
	kvm_close(&kvm);
	return bench_remove_folder();
}
