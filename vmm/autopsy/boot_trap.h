/* SPDX-License-Identifier: MIT */
/*
 * boot_trap.h: undoing the delivery of an exception to one of the boot IDT's stubs, so that the CPU
 * stands at the instruction that raised it.
 */
#ifndef AUTOPSY_BOOT_TRAP_H
#define AUTOPSY_BOOT_TRAP_H

#include "evidence.h"

/*
 * Fills in boot_vector, boot_has_error and boot_error of evidence and rewinds cpu
 * (evidence->cpus[evidence->cpu]) from the exception frame. stubs: guest-physical and linear
 * address of the first stub. False, and cpu unchanged, when RIP is at no stub or the frame cannot
 * be read; boot_vector is true in the latter case too.
 */
bool boot_trap_undo(struct evidence *evidence, struct cpu_state *cpu, uint64_t stubs);

#endif
