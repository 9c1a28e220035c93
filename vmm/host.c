/* SPDX-License-Identifier: MIT */
/*
 * host.c: running tiny guests to see what works.
 */
#include "host.h"

#include <stdio.h>

#include "kvm.h"

static void print_cpuid(const struct cpu_facts *facts)
{
	printf("CPU             %s, signature 0x%x, %u physical address bits\n",
		facts->amd ? "AMD" : "not AMD", facts->signature, facts->maxphyaddr);
	printf("CPUID           long mode %d, NX %d, 1 GiB pages %d, 5-level paging %d, SMEP %d, "
	       "SMAP %d, PCID %d, XSAVE %d, AVX %d\n",
		facts->long_mode, facts->nx, facts->gib_pages, facts->la57, facts->smep,
		facts->smap, facts->pcid, facts->xsave, facts->avx);
}

bool host_print(struct error *err)
{
	struct kvm kvm;

	if (!kvm_open(&kvm, err))
		return false;
	printf("KVM             %s, API version %d\n", kvm.name, KVM_API_VERSION);
	print_cpuid(&kvm.facts);
	kvm_close(&kvm);
	return true;
}
