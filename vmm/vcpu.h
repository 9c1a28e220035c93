/* SPDX-License-Identifier: MIT */
/*
 * vcpu.h: one virtual CPU: its KVM file, its thread, its state in and out. Follows
 * Documentation/virt/kvm/api.rst, 4 "API description".
 */
#ifndef VMM_VCPU_H
#define VMM_VCPU_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "autopsy/cpu_state.h"
#include "error.h"

struct machine;

/* Where a vCPU was at the last ticks: what the watchdog compares. */
struct vcpu_watch {
	struct kvm_regs regs;
	unsigned same;  /* ticks in a row with these registers and no exit */
	uint64_t exits; /* exits at the last tick */
	unsigned dead;  /* looks in a row at which it could not run again by itself */
	unsigned look;  /* machine->looks at the last of them */
};

struct vcpu {
	struct machine *machine;
	unsigned index;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	bool has_thread; /* all but vCPU 0, which runs in the caller's thread */
	bool inside;     /* it is in KVM_RUN, or looks whether it may enter */
	uint64_t exits;
	struct vcpu_watch watch;
};

/* Creates the vCPU, gives it the CPUID of the host and maps its kvm_run. */
bool vcpu_create(struct vcpu *vcpu, struct machine *machine, unsigned index, struct error *err);
void vcpu_destroy(struct vcpu *vcpu);

/* Reads everything that cpu_state holds. Must run in the vCPU's thread or while it is not running.
 */
bool vcpu_get_state(const struct vcpu *vcpu, struct cpu_state *cpu, struct error *err);

/* The part of cpu_state that two of KVM's structures hold; the rest stays as it is. */
void vcpu_decode(struct cpu_state *cpu, const struct kvm_regs *regs, const struct kvm_sregs *sregs);

/* Sets general, segment, control and table registers and EFER, reads them back, and fails with
 * STATUS_HOST and the register's name when KVM did not take one. */
bool vcpu_set_state(const struct vcpu *vcpu, const struct cpu_state *cpu, struct error *err);

#endif
