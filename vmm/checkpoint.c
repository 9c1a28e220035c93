/* SPDX-License-Identifier: MIT */
/*
 * checkpoint.c: saving and restoring a machine. Follows Documentation/virt/kvm/api.rst, the
 * KVM_GET_* and KVM_SET_* calls of 4 "API description". Order matters on the way back: the local
 * APIC before the MSRs, so that the TSC deadline finds its timer mode; the registers before the
 * events.
 */
#include "checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "run.h"

#define MAX_MSRS 512
#define PAGE     LAYOUT_PAGE

static uint64_t page_count(const struct guest_mem *mem)
{
	return (mem->low + mem->high) / PAGE;
}

/* Copies the pages whose bits are set. */
static void copy_pages(
	const struct guest_mem *to, const struct guest_mem *from, const uint64_t *dirty)
{
	uint64_t words = (page_count(from) + 63) / 64;

	for (uint64_t i = 0; i < words; i++)
		for (uint64_t bits = dirty[i]; bits; bits &= bits - 1) {
			uint64_t at = (i * 64 + (unsigned)__builtin_ctzll(bits)) * PAGE;

			memcpy(to->base + at, from->base + at, PAGE);
		}
}

static bool slot_dirty(
	const struct machine *machine, uint32_t slot, uint64_t *bitmap, struct error *err)
{
	struct kvm_dirty_log log = {.slot = slot, .dirty_bitmap = bitmap};

	return kvm_ioctl(machine->fd, KVM_GET_DIRTY_LOG, &log, err) >= 0;
}

/* What the monitor has written for the guest, KVM has not seen. */
static void add_own_writes(uint64_t *dirty, const struct guest_mem *mem)
{
	for (uint64_t i = 0; i < (page_count(mem) + 63) / 64; i++) {
		dirty[i] |= mem->written[i];
		mem->written[i] = 0;
	}
}

/* Which pages were written since the last call. Low RAM is a multiple of 64 pages when there is
 * high RAM. */
static bool read_dirty(
	const struct checkpoint *checkpoint, const struct machine *machine, struct error *err)
{
	const struct guest_mem *mem = &machine->mem;

	if (!slot_dirty(machine, 0, checkpoint->dirty, err) ||
		(mem->high &&
			!slot_dirty(machine, 1, checkpoint->dirty + mem->low / PAGE / 64, err)))
		return false;
	add_own_writes(checkpoint->dirty, mem);
	return true;
}

/* Finds out which MSRs this KVM lets be read, one by one: the list names some that a given host
 * lacks. */
static bool find_msrs(struct checkpoint_cpu *cpu, const struct machine *machine, struct error *err)
{
	struct {
		struct kvm_msr_list head;
		uint32_t indices[MAX_MSRS];
	} list = {.head.nmsrs = MAX_MSRS};

	if (kvm_ioctl(machine->kvm->fd, KVM_GET_MSR_INDEX_LIST, &list, err) < 0)
		return false;
	cpu->msrs = calloc(1, sizeof(*cpu->msrs) + list.head.nmsrs * sizeof(struct kvm_msr_entry));
	if (!cpu->msrs)
		return error_errno(err, STATUS_HOST, "memory for a checkpoint");
	for (uint32_t i = 0; i < list.head.nmsrs; i++) {
		struct {
			struct kvm_msrs head;
			struct kvm_msr_entry entry;
		} one = {.head.nmsrs = 1, .entry.index = list.indices[i]};

		if (ioctl(machine->vcpus[0].fd, KVM_GET_MSRS, &one) == 1 &&
			ioctl(machine->vcpus[0].fd, KVM_SET_MSRS, &one) == 1)
			cpu->msrs->entries[cpu->msrs->nmsrs++] = one.entry;
	}
	return true;
}

static bool save_cpu(struct checkpoint_cpu *cpu, const struct machine *machine, struct error *err)
{
	int fd = machine->vcpus[0].fd;

	ioctl(fd, KVM_GET_XCRS, &cpu->xcrs); /* without XSAVE there are none */
	ioctl(fd, KVM_GET_DEBUGREGS, &cpu->debug);
	ioctl(fd, KVM_GET_MP_STATE, &cpu->mp_state);
	ioctl(fd, KVM_GET_MSRS, cpu->msrs);
	if (machine->irqchip != VMM_IRQCHIP_NONE &&
		kvm_ioctl(fd, KVM_GET_LAPIC, &cpu->lapic, err) < 0)
		return false;
	return kvm_ioctl(fd, KVM_GET_REGS, &cpu->regs, err) >= 0 &&
	       kvm_ioctl(fd, KVM_GET_SREGS, &cpu->sregs, err) >= 0 &&
	       kvm_ioctl(fd, KVM_GET_XSAVE, &cpu->xsave, err) >= 0 &&
	       kvm_ioctl(fd, KVM_GET_VCPU_EVENTS, &cpu->events, err) >= 0;
}

/* After a triple fault KVM on AMD has a fresh VMCB, without the root of the nested page tables, and
 * loads that root only when CR0 changes: a guest in real mode would stand still. */
static void renew_paging_root(int fd, const struct kvm_sregs *sregs)
{
	struct kvm_sregs other = *sregs;

	if (sregs->cr0 & CR0_PG)
		return;
	other.cr0 ^= CR0_PE;
	ioctl(fd, KVM_SET_SREGS, &other);
}

static bool restore_cpu(
	const struct checkpoint_cpu *cpu, const struct machine *machine, struct error *err)
{
	int fd = machine->vcpus[0].fd;

	renew_paging_root(fd, &cpu->sregs);
	if (kvm_ioctl(fd, KVM_SET_SREGS, &cpu->sregs, err) < 0 ||
		kvm_ioctl(fd, KVM_SET_REGS, &cpu->regs, err) < 0 ||
		kvm_ioctl(fd, KVM_SET_XSAVE, &cpu->xsave, err) < 0)
		return false;
	ioctl(fd, KVM_SET_XCRS, &cpu->xcrs);
	ioctl(fd, KVM_SET_DEBUGREGS, &cpu->debug);
	if (machine->irqchip != VMM_IRQCHIP_NONE &&
		kvm_ioctl(fd, KVM_SET_LAPIC, &cpu->lapic, err) < 0)
		return false;
	ioctl(fd, KVM_SET_MSRS, cpu->msrs);
	ioctl(fd, KVM_SET_MP_STATE, &cpu->mp_state);
	return kvm_ioctl(fd, KVM_SET_VCPU_EVENTS, &cpu->events, err) >= 0;
}

static bool save_chips(
	struct checkpoint *checkpoint, const struct machine *machine, struct error *err)
{
	if (machine->irqchip != VMM_IRQCHIP_FULL)
		return true;
	for (uint32_t i = 0; i < 3; i++) {
		checkpoint->chips[i].chip_id = i;
		if (kvm_ioctl(machine->fd, KVM_GET_IRQCHIP, &checkpoint->chips[i], err) < 0)
			return false;
	}
	return kvm_ioctl(machine->fd, KVM_GET_PIT2, &checkpoint->pit, err) >= 0;
}

static bool restore_chips(
	struct checkpoint *checkpoint, const struct machine *machine, struct error *err)
{
	if (machine->irqchip != VMM_IRQCHIP_FULL)
		return true;
	for (uint32_t i = 0; i < 3; i++)
		if (kvm_ioctl(machine->fd, KVM_SET_IRQCHIP, &checkpoint->chips[i], err) < 0)
			return false;
	return kvm_ioctl(machine->fd, KVM_SET_PIT2, &checkpoint->pit, err) >= 0;
}

static void save_devices(struct checkpoint *checkpoint, const struct machine *machine)
{
	checkpoint->devices = machine->devices;
	checkpoint->input = machine->input;
	checkpoint->power = machine->power;
	checkpoint->exits = machine->vcpus[0].exits;
}

static void restore_devices(const struct checkpoint *checkpoint, struct machine *machine)
{
	machine->devices = checkpoint->devices;
	machine->input = checkpoint->input;
	machine->power = checkpoint->power;
	machine->vcpus[0].exits = checkpoint->exits;
	machine->ended = false;
	machine->outcome = (struct outcome){0};
}

static bool log_dirty(struct machine *machine, struct error *err)
{
	machine->slots.flags = KVM_MEM_LOG_DIRTY_PAGES;
	return memory_log_writes(&machine->mem, err) &&
	       slots_apply(&machine->slots, machine->fd, &machine->mem, err);
}

bool checkpoint_create(struct checkpoint *checkpoint, struct machine *machine, struct error *err)
{
	const struct guest_mem *mem = &machine->mem;

	*checkpoint = (struct checkpoint){0};
	checkpoint->dirty = calloc((page_count(mem) + 63) / 64 + 1, 8);
	if (!checkpoint->dirty)
		return error_errno(err, STATUS_HOST, "memory for a checkpoint");
	if (!memory_create(&checkpoint->memory, mem->low + mem->high, err) ||
		!machine_fill_memory(machine, &checkpoint->memory, err) ||
		!log_dirty(machine, err) || !find_msrs(&checkpoint->cpu, machine, err) ||
		!checkpoint_save(checkpoint, machine, err)) {
		checkpoint_destroy(checkpoint);
		return false;
	}
	return true;
}

void checkpoint_destroy(struct checkpoint *checkpoint)
{
	memory_destroy(&checkpoint->memory);
	free(checkpoint->dirty);
	free(checkpoint->cpu.msrs);
	checkpoint->dirty = NULL;
	checkpoint->cpu.msrs = NULL;
}

bool checkpoint_save(struct checkpoint *checkpoint, struct machine *machine, struct error *err)
{
	run_complete_access(&machine->vcpus[0]);
	if (!read_dirty(checkpoint, machine, err) || !save_cpu(&checkpoint->cpu, machine, err) ||
		!save_chips(checkpoint, machine, err))
		return false;
	copy_pages(&checkpoint->memory, &machine->mem, checkpoint->dirty);
	save_devices(checkpoint, machine);
	return true;
}

bool checkpoint_restore(struct checkpoint *checkpoint, struct machine *machine, struct error *err)
{
	run_complete_access(&machine->vcpus[0]);
	if (!read_dirty(checkpoint, machine, err))
		return false;
	copy_pages(&machine->mem, &checkpoint->memory, checkpoint->dirty);
	restore_devices(checkpoint, machine);
	return restore_chips(checkpoint, machine, err) &&
	       restore_cpu(&checkpoint->cpu, machine, err);
}
