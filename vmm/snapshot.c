/* SPDX-License-Identifier: MIT */
/*
 * snapshot.c: gathering the evidence from KVM, the devices and the memory.
 */
#include "snapshot.h"

#include <string.h>

#include "autopsy/boot_trap.h"
#include "irqchip.h"
#include "layout.h"

static bool read_cpus(struct snapshot *snapshot, const struct machine *machine, struct error *err)
{
	for (unsigned i = 0; i < machine->vcpu_count; i++)
		if (!vcpu_get_state(&machine->vcpus[i], &snapshot->cpus[i], err))
			return false;
	snapshot->evidence.cpus = snapshot->cpus;
	snapshot->evidence.cpu_count = machine->vcpu_count;
	snapshot->evidence.cpu = machine->outcome.vcpu;
	return true;
}

/* What KVM_RUN said last on the vCPU that died. */
static void read_exit(struct evidence *evidence, const struct machine *machine)
{
	const struct kvm_run *run = machine->vcpus[machine->outcome.vcpu].run;

	evidence->exit_reason = run->exit_reason;
	evidence->exit_count = exit_log_copy(&machine->exits, evidence->exits);
	evidence->exit_total = machine->exits.total;
	if (run->exit_reason == KVM_EXIT_FAIL_ENTRY)
		evidence->entry_failure = run->fail_entry.hardware_entry_failure_reason;
	if (run->exit_reason != KVM_EXIT_INTERNAL_ERROR)
		return;
	evidence->internal_suberror = run->internal.suberror;
	evidence->internal_ndata = run->internal.ndata <= 16 ? run->internal.ndata : 16;
	memcpy(evidence->internal_data, run->internal.data, sizeof(evidence->internal_data));
}

static void read_unclaimed(struct evidence *evidence, const struct machine *machine)
{
	const struct bus *buses[] = {&machine->pio, &machine->mmio};

	for (unsigned b = 0; b < 2; b++)
		for (unsigned i = 0; i < buses[b]->unclaimed_count; i++)
			if (evidence->unclaimed_count < UNCLAIMED_MAX)
				evidence->unclaimed[evidence->unclaimed_count++] =
					buses[b]->unclaimed[i];
}

/* The image's segment that the region is, or NULL. */
static const struct image_segment *segment_of(
	const struct machine *machine, const struct evidence_region *region)
{
	for (unsigned i = 0; !region->monitor && i < machine->image->segment_count; i++) {
		const struct image_segment *segment = &machine->image->segments[i];

		if (segment->gpa == region->gpa && segment->size == region->size)
			return segment;
	}
	return NULL;
}

/* The stacks, the initrd and the image's writable segments are the guest's to change. */
static bool guest_may_write(const struct machine *machine, const struct evidence_region *region)
{
	const struct image_segment *segment = segment_of(machine, region);

	if (region->monitor)
		return strstr(region->name, "stack") != NULL;
	return !segment || segment->flags & IMAGE_WRITABLE;
}

static struct vmm_boot_info *boot_info(const struct guest_mem *mem, const struct boot *boot)
{
	return boot->top ? memory_at(mem, boot->top - LAYOUT_BOOT_INFO, LAYOUT_BOOT_INFO_SIZE)
	                 : NULL;
}

/* Builds the boot structures and loads the image a second time, into memory that no guest ever saw.
 */
static void make_pristine(struct snapshot *snapshot, const struct machine *machine)
{
	struct error ignored;
	struct vmm_boot_info *info;

	if (!memory_create(&snapshot->pristine, machine->config->memory, &ignored))
		return;
	if (!machine_fill_memory(machine, &snapshot->pristine, &ignored))
		return;
	info = boot_info(&snapshot->pristine, &machine->boot);
	if (info)
		info->log_ring = snapshot->evidence.log_ring;
	for (unsigned i = 0; i < snapshot->evidence.region_count; i++) {
		struct evidence_region *region = &snapshot->regions[i];

		region->writable = guest_may_write(machine, region);
		if (!region->writable || segment_of(machine, region))
			region->pristine =
				memory_at(&snapshot->pristine, region->gpa, region->size);
	}
}

static void read_memory(struct snapshot *snapshot, const struct machine *machine)
{
	struct evidence *evidence = &snapshot->evidence;
	const struct vmm_boot_info *info = boot_info(&machine->mem, &machine->boot);

	evidence->mem = memory_view(&machine->mem);
	evidence->ram_low = machine->mem.low;
	evidence->ram_high = machine->mem.high;
	memcpy(snapshot->regions, machine->boot.regions, sizeof(snapshot->regions));
	evidence->regions = snapshot->regions;
	evidence->region_count = machine->boot.region_count;
	if (info)
		evidence->log_ring = info->log_ring;
	make_pristine(snapshot, machine);
}

bool snapshot_take(struct snapshot *snapshot, const struct machine *machine, struct error *err)
{
	struct evidence *evidence = &snapshot->evidence;

	*snapshot = (struct snapshot){0};
	*evidence = (struct evidence){.death = machine->outcome.death,
		.stuck = machine->outcome.stuck,
		.seconds = machine_now() - machine->started,
		.image = machine->config->image,
		.symbols = machine->config->symbols,
		.initrd = machine->config->initrd,
		.kvm = machine->kvm->name};
	if (!read_cpus(snapshot, machine, err))
		return false;
	read_exit(evidence, machine);
	read_unclaimed(evidence, machine);
	evidence->sample_count = profile_count(&machine->profile, evidence->samples);
	read_memory(snapshot, machine);
	irqchip_evidence(machine, evidence);
	if (evidence->death == DEATH_BOOT_EXCEPTION)
		boot_trap_undo(evidence, &snapshot->cpus[evidence->cpu],
			machine->boot.top ? machine->boot.top - LAYOUT_STUBS : LAYOUT_REAL_STUBS);
	return true;
}

void snapshot_drop(struct snapshot *snapshot)
{
	memory_destroy(&snapshot->pristine);
}
