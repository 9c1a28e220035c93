/* SPDX-License-Identifier: MIT */
/*
 * host_vm.h: a virtual machine of a few pages, for trying out single instructions in every mode.
 * Its first 4 MiB are mapped where they are, for user mode too; each exception has a handler that
 * tells vmm its vector.
 */
#ifndef VMM_HOST_VM_H
#define VMM_HOST_VM_H

#include "autopsy/cpu_state.h"
#include "machine.h"

#define HOST_VM_CODE   0x1000u /* the code that is tried: long mode, pm32, pse32, real mode */
#define HOST_VM_USER   0x1800u /* more of it, for user mode */
#define HOST_VM_STUBS  0x2000u /* HOST_VM_STRIDE bytes a vector */
#define HOST_VM_STACK  0x7000u /* its top, also for handlers that come from user mode */
#define HOST_VM_PD32   0xb000u /* page directory of one 4 MiB page */
#define HOST_VM_STRIDE 4u
#define HOST_VM_PORT   0xf5 /* handlers write to it */

struct host_vm {
	struct machine machine; /* kvm, fd, and one vCPU: no devices */
	struct vcpu vcpu;
	struct kvm_guest_debug debug; /* for runs from a given state */
	uint8_t *memory;
	timer_t timer;
};

enum host_mode { HOST_LONG, HOST_PM32, HOST_PSE32, HOST_REAL };

/* How a run ended. */
struct host_end {
	enum {
		HOST_END_HANDLER,  /* of vector */
		HOST_END_OUT,      /* another port: port */
		HOST_END_HLT,      /* hlt */
		HOST_END_DEBUG,    /* KVM_EXIT_DEBUG */
		HOST_END_SHUTDOWN, /* a triple fault */
		HOST_END_EMULATION,
		HOST_END_OTHER,
		HOST_END_NEVER,  /* nothing in a second */
		HOST_END_REFUSED /* KVM did not take the registers */
	} kind;
	unsigned vector, port;
	struct kvm_regs regs;
};

/* On failure there is nothing to destroy. */
bool host_vm_create(struct host_vm *vm, const struct kvm *kvm, struct error *err);
void host_vm_destroy(struct host_vm *vm);

/* Tables, handlers and nothing else in memory; cpu at HOST_VM_CODE in that mode. */
void host_vm_prepare(struct host_vm *vm, enum host_mode mode, struct cpu_state *cpu);

/* cpu in 64-bit user mode, at HOST_VM_USER. */
void host_vm_to_user(struct cpu_state *cpu);

/* Puts code at an address. */
void host_vm_code(struct host_vm *vm, uint64_t address, const void *code, size_t size);

/* Runs from cpu, or (NULL) from where the vCPU is, to the first exit. */
struct host_end host_vm_run(struct host_vm *vm, const struct cpu_state *cpu);

#endif
