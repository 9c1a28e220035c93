/* SPDX-License-Identifier: MIT */
/*
 * run.h: the vCPU loop and the signals that interrupt it. SIGALRM is the tick of a machine's
 * watchdog, SIGUSR1 the kick that makes a vCPU look around. Both stay blocked except inside
 * KVM_RUN, so none is lost between a look and a run.
 */
#ifndef VMM_RUN_H
#define VMM_RUN_H

#include <stdbool.h>

#include "vcpu.h"

/* Blocks the two signals in the calling thread and those it starts. Call once, before the first
 * machine. */
void run_block_signals(void);

/* Tells KVM to let them through while the guest runs: api.rst, 4.19 "KVM_SET_SIGNAL_MASK". */
bool run_set_signals(const struct vcpu *vcpu, struct error *err);

/* Takes the signals that have ended a KVM_RUN. True when the tick was among them. */
bool run_take_signals(void);

/* Lets KVM finish the access that its last exit asked for, without running the guest any further:
 * before that the state of the vCPU is half an instruction old. api.rst, 5, "KVM_EXIT_MMIO". */
void run_complete_access(struct vcpu *vcpu);

/* Runs the vCPU in the calling thread until its machine has ended. */
void run_vcpu(struct vcpu *vcpu);

#endif
