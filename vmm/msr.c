/* SPDX-License-Identifier: MIT */
/*
 * msr.c: MSR accesses that exit, carried out by KVM on our behalf.
 */
#include "msr.h"

bool msr_intercept(const struct machine *machine, struct error *err)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_USER_SPACE_MSR, .args[0] = KVM_MSR_EXIT_REASON_FILTER};
	uint8_t none = 0;
	/* A filter must have a range; this one allows nothing, as does the default. */
	struct kvm_msr_filter filter = {
		.flags = KVM_MSR_FILTER_DEFAULT_DENY,
		.ranges[0] = {.flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE,
			.nmsrs = 1,
			.base = 0xffffffff,
			.bitmap = &none},
	};

	return kvm_ioctl(machine->fd, KVM_ENABLE_CAP, &cap, err) >= 0 &&
	       kvm_ioctl(machine->fd, KVM_X86_SET_MSR_FILTER, &filter, err) >= 0;
}

void msr_access(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} one = {.head.nmsrs = 1, .entry = {.index = run->msr.index, .data = run->msr.data}};
	bool write = run->exit_reason == KVM_EXIT_X86_WRMSR;

	run->msr.error = ioctl(vcpu->fd, write ? KVM_SET_MSRS : KVM_GET_MSRS, &one) != 1;
	if (!write)
		run->msr.data = one.entry.data;
}
