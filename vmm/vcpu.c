/* SPDX-License-Identifier: MIT */
/*
 * vcpu.c: creating and destroying one vCPU.
 */
#include "vcpu.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine.h"
#include "run.h"

/* CPUID leaves that tell a CPU its own APIC ID: SDM vol. 2, CPUID 01H:EBX[31:24] and 0BH:EDX. */
static void set_apic_id(struct kvm_cpuid_table *table, unsigned id)
{
	for (uint32_t i = 0; i < table->head.nent; i++) {
		struct kvm_cpuid_entry2 *entry = &table->entries[i];

		if (entry->function == 1)
			entry->ebx = (entry->ebx & 0x00ffffff) | id << 24;
		else if (entry->function == 0xb || entry->function == 0x1f)
			entry->edx = id;
	}
}

static bool set_cpuid(const struct vcpu *vcpu, struct error *err)
{
	struct kvm_cpuid_table table = vcpu->machine->kvm->cpuid;

	set_apic_id(&table, vcpu->index);
	return kvm_ioctl(vcpu->fd, KVM_SET_CPUID2, &table, err) >= 0;
}

bool vcpu_create(struct vcpu *vcpu, struct machine *machine, unsigned index, struct error *err)
{
	int size = machine->kvm->run_size;

	*vcpu = (struct vcpu){.machine = machine, .index = index, .run = MAP_FAILED};
	vcpu->fd = kvm_ioctl(machine->fd, KVM_CREATE_VCPU, index, err);
	if (vcpu->fd < 0)
		return false;
	vcpu->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED) {
		error_errno(err, STATUS_HOST, "mapping the kvm_run of vCPU %u", index);
		goto fail;
	}
	if (set_cpuid(vcpu, err) && run_set_signals(vcpu, err))
		return true;
fail:
	vcpu_destroy(vcpu);
	return false;
}

void vcpu_destroy(struct vcpu *vcpu)
{
	if (vcpu->run != MAP_FAILED)
		munmap(vcpu->run, (size_t)vcpu->machine->kvm->run_size);
	close(vcpu->fd);
}
