/* SPDX-License-Identifier: MIT */
/*
 * checkpoint.h: the whole state of a machine with one vCPU, to go back to. Memory is kept as a
 * second copy that is brought up to date with the pages that KVM's dirty log names, so a checkpoint
 * costs what the guest has changed since the last.
 */
#ifndef VMM_CHECKPOINT_H
#define VMM_CHECKPOINT_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

#include "devices.h"
#include "machine.h"

struct checkpoint_cpu {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_xsave xsave;
	struct kvm_xcrs xcrs;
	struct kvm_vcpu_events events;
	struct kvm_debugregs debug;
	struct kvm_mp_state mp_state;
	struct kvm_lapic_state lapic;
	struct kvm_msrs *msrs; /* those that this KVM can read, with their values */
};

struct checkpoint {
	struct checkpoint_cpu cpu;
	struct kvm_irqchip chips[3];
	struct kvm_pit_state2 pit;
	struct devices devices;
	struct input input;
	struct power power;
	uint64_t exits; /* of the vCPU */
	struct guest_mem memory;
	uint64_t *dirty; /* bitmap, one bit a page of low RAM, then of high RAM */
};

/* Prepares checkpoints of a machine that has not run yet and takes the first. */
bool checkpoint_create(struct checkpoint *checkpoint, struct machine *machine, struct error *err);
/* Twice does no harm. */
void checkpoint_destroy(struct checkpoint *checkpoint);

/* Takes the machine's present state; it must not be running. */
bool checkpoint_save(struct checkpoint *checkpoint, struct machine *machine, struct error *err);

/* Puts the machine back into the state that was saved last. */
bool checkpoint_restore(struct checkpoint *checkpoint, struct machine *machine, struct error *err);

#endif
