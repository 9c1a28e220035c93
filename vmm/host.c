/* SPDX-License-Identifier: MIT */
/*
 * host.c: running tiny guests to see what works.
 */
#include "host.h"

#include <stdio.h>

#include "host_quirks.h"
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

static bool print_quirks(const struct kvm *kvm, struct error *err)
{
	struct host_vm vm;

	if (!host_vm_create(&vm, kvm, err))
		return false;
	printf("\n%-30s  %-23s %s\n", "tried out", "here", "what vmm does then");
	for (unsigned i = 0; i < host_quirk_count(); i++) {
		const char *name;
		struct host_answer answer = host_quirk_try(&vm, i, &name);

		printf("%-30s  %-23s %s\n", name, answer.is, answer.vmm);
	}
	host_vm_destroy(&vm);
	return true;
}

bool host_print(struct error *err)
{
	struct kvm kvm;
	bool tried;

	if (!kvm_open(&kvm, err))
		return false;
	printf("KVM             %s, API version %d\n", kvm.name, KVM_API_VERSION);
	print_cpuid(&kvm.facts);
	tried = print_quirks(&kvm, err);
	kvm_close(&kvm);
	return tried;
}
