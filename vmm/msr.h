/* SPDX-License-Identifier: MIT */
/*
 * msr.h: letting every RDMSR and WRMSR exit, for --trace msr. Follows
 * Documentation/virt/kvm/api.rst, 4.97 "KVM_X86_SET_MSR_FILTER" and 7.21
 * "KVM_CAP_X86_USER_SPACE_MSR". The x2APIC's registers never exit.
 */
#ifndef VMM_MSR_H
#define VMM_MSR_H

#include "machine.h"

/* STATUS_HOST when this KVM cannot do that. */
bool msr_intercept(const struct machine *machine, struct error *err);

/* Carries out the access that vcpu->run describes; one that KVM refuses raises #GP in the guest. */
void msr_access(struct vcpu *vcpu);

#endif
