/* SPDX-License-Identifier: MIT */
/*
 * rerun.h: running the guest a second time to see what the first death hid: the registers that KVM
 * threw away, the last instructions before it, or who wrote to a piece of memory.
 */
#ifndef VMM_RERUN_H
#define VMM_RERUN_H

#include "snapshot.h"

/*
 * Runs a second machine like the first, silently and with the same input, in slices between
 * checkpoints; when it dies in a slice, goes back and takes smaller ones, and single-steps the
 * last. Every state that is shown was really reached.
 *
 * On success evidence->rerun is RERUN_SAME, origin STATE_RECOVERED when the registers had been
 * lost, cpus[cpu], mem and trail are the second machine's; otherwise evidence->rerun tells what
 * happened instead and nothing else changes. The machine lives in *rerun until rerun_drop().
 */
struct rerun_run;
struct rerun_run *rerun_recover(const struct machine *first, struct snapshot *snapshot);

/*
 * Runs a second machine to the same death while the RAM at [gpa, gpa + size) is watched, and puts
 * the last writes there into the evidence (evidence->writes, which live until rerun_drop()). NULL
 * when that could not be done or the second run ended otherwise; then evidence->writes is
 * unchanged.
 */
struct rerun_run *rerun_find_writer(
	const struct machine *first, struct snapshot *snapshot, uint64_t gpa, uint64_t size);
void rerun_drop(struct rerun_run *rerun);

/* True when the registers are those of INIT and not of the guest: SDM vol. 3, table 9-1 "IA-32 and
 * Intel 64 Processor States Following Power-up, Reset, or INIT". */
bool rerun_state_lost(const struct cpu_state *cpu);

#endif
