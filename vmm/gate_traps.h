/* SPDX-License-Identifier: MIT */
/*
 * gate_traps.h: stops at the entry of every exception and interrupt handler while a guest is
 * single-stepped. The CPU clears TF when it delivers (SDM vol. 3, 6.12.1.3 "Flag Usage By
 * Exception- or Interrupt-Handler Procedure"), so a handler would run unseen up to its iret.
 * Breakpoints do not do: hardware ones do not fire on every KVM, int3 does not exit on every KVM.
 * So the first bytes of the handlers become an `out`, which exits everywhere.
 */
#ifndef VMM_GATE_TRAPS_H
#define VMM_GATE_TRAPS_H

#include "machine.h"

#define GATE_TRAPS_MAX 257 /* the vectors, and the target of syscall */

struct gate_trap {
	uint8_t *at;    /* two bytes of guest memory */
	uint8_t old[2]; /* what belongs there */
	uint64_t rip;
	bool lifted; /* the guest is in these two bytes */
};

struct gate_traps {
	struct gate_trap trap[GATE_TRAPS_MAX];
	unsigned count;
	/* What they were made from: they are set anew when it changes. */
	struct cpu_table idtr;
	uint64_t cr0, cr3, efer, lstar;
	uint8_t idt[4096];
};

/* Puts traps at the handlers that the vCPU's tables name, unless those are in place already; called
 * before each step. Handlers that cannot be found, or whose first two bytes lie in two pages or in
 * another's trap, have none. */
void gate_traps_update(struct gate_traps *traps, struct vcpu *vcpu, const struct cpu_state *cpu);

/* After KVM_RUN: whether the exit came from a trap. Then the vCPU is at the handler's first
 * instruction, whose bytes are back, and the frame and r11 do not show the TF of the stepping. */
bool gate_traps_take(struct gate_traps *traps, struct vcpu *vcpu);

/* Gives the guest its memory back. */
void gate_traps_remove(struct gate_traps *traps);

#endif
