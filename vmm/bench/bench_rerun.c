/* SPDX-License-Identifier: MIT */
/*
 * bench_rerun.c: how long it takes to see a death a second time, for a guest that ran about a
 * second before it: registers recovered, and a writer found.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../tests/tiny_guest.h"
#include "rerun.h"
#include "run.h"

/* Counts in the kernel; how far, the test finds out: CPUs differ by a factor of a thousand. */
GUEST64(late, IRQCHIP_NONE,
	"lidt 3f(%rip); mov 4f(%rip), %rcx; 1: dec %rcx; jnz 1b; movl $1, 0x200000; ud2\n"
	".balign 8; 3: .quad 0, 0; 4: .quad 0\n");

static struct config config = {.command_line = (char *)"", .memory = 128 << 20, .cpus = 1};
static struct image image;
static struct kvm kvm;
static struct machine machine;

static void run(uint64_t rounds)
{
	static char path[32];
	struct error error;
	size_t n = (size_t)(guest_late_end - guest_late);
	int fd = memfd_create("guest", MFD_CLOEXEC);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, guest_late, n - 8) < 0 || write(fd, &rounds, 8) != 8)
		err(1, "memfd");
	config.image = path;
	if (!image_open(&image, &config, &error) ||
		!machine_create(&machine, &kvm, &config, &image, MACHINE_SILENT, &error))
		errx(1, "%s", error.text);
	machine_run(&machine);
	close(fd);
}

int main(void)
{
	static struct snapshot snapshot;
	uint64_t rounds = 10000;
	struct rerun_run *rerun;
	struct error error;
	double start;

	run_block_signals();
	if (!kvm_open(&kvm, &error)) {
		printf("skip: bench_rerun: %s\n", error.text);
		return 0;
	}
	for (;; rounds *= 4) {
		run(rounds);
		if (!snapshot_take(&snapshot, &machine, &error))
			errx(1, "%s", error.text);
		if (snapshot.evidence.seconds > 0.5)
			break;
		snapshot_drop(&snapshot);
		machine_destroy(&machine);
		image_close(&image);
	}
	printf("a death after %.2f s, seen a second time\n", snapshot.evidence.seconds);
	start = machine_now();
	rerun = rerun_recover(&machine, &snapshot);
	printf("  registers %-22s %8.2f s, %u slices, %u steps\n",
		snapshot.evidence.rerun == RERUN_SAME ? "recovered" : "NOT recovered",
		machine_now() - start, snapshot.evidence.rerun_slices,
		snapshot.evidence.rerun_steps);
	rerun_drop(rerun);
	start = machine_now();
	rerun = rerun_find_writer(&machine, &snapshot, 0x200000, 4);
	printf("  writer %-25s %8.2f s\n", rerun ? "found" : "NOT found", machine_now() - start);
	rerun_drop(rerun);
	snapshot_drop(&snapshot);
	machine_destroy(&machine);
	return 0;
}
