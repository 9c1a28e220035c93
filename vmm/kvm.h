/* SPDX-License-Identifier: MIT */
/*
 * kvm.h: the host's KVM: the device, what it can do, the CPUID it offers. One for all machines of a
 * process.
 */
#ifndef VMM_KVM_H
#define VMM_KVM_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "autopsy/cpu_state.h"
#include "error.h"

#define KVM_CPUID_ENTRIES 256 /* as many as KVM ever gives */

struct kvm_cpuid_table {
	struct kvm_cpuid2 head; /* nent; the entries follow, as the API wants */
	struct kvm_cpuid_entry2 entries[KVM_CPUID_ENTRIES];
};

struct kvm {
	int fd;
	int run_size;       /* bytes of a vCPU's struct kvm_run mapping */
	int coalesced_page; /* page of the coalesced ring in that mapping, 0: none */
	const char *name;   /* kvm_intel, kvm_amd, kvm_pvm or kvm: a literal */
	bool hardware; /* the CPU itself runs guests (VMX or SVM), so that every instruction can be
	                  stepped */
	struct kvm_cpuid_table cpuid;
	struct cpu_facts facts;
};

/* Opens /dev/kvm and checks API version and the capabilities that vmm cannot do without.
 * STATUS_HOST on failure. */
bool kvm_open(struct kvm *kvm, struct error *err);
void kvm_close(struct kvm *kvm);

/* ioctl whose failure names itself. Evaluates to the result, or -1 with err set. */
#define kvm_ioctl(fd, request, arg, err) \
	kvm_call((fd), (request), #request, (unsigned long)(arg), (err))
int kvm_call(int fd, unsigned long request, const char *name, unsigned long arg, struct error *err);

/* CPUID leaf, or NULL when the table has none. */
const struct kvm_cpuid_entry2 *kvm_cpuid_find(
	const struct kvm_cpuid_table *table, uint32_t leaf, uint32_t index);

#endif
