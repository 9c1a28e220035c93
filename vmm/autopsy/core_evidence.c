/* SPDX-License-Identifier: MIT */
/*
 * core_evidence.c: the fields of the evidence, in the order in which they are stored. A change here
 * is a new CORE_EVIDENCE_VERSION.
 */
#include "core_evidence.h"

#include <string.h>

#include "region.h"

#define CPUS_MAX     1024
#define REGIONS_MAX  4096
#define WRITES_MAX   4096
#define PRISTINE_MAX (256u << 20)

static void code_segment(struct codec *codec, struct cpu_segment *segment)
{
	bool *const flags[] = {&segment->s, &segment->present, &segment->avl, &segment->l,
		&segment->db, &segment->g, &segment->unusable};

	codec_u64(codec, &segment->base);
	codec_u32(codec, &segment->limit);
	codec_u16(codec, &segment->selector);
	codec_u8(codec, &segment->type);
	codec_u8(codec, &segment->dpl);
	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		codec_bool(codec, flags[i]);
	if (segment->type > 15 || segment->dpl > 3)
		codec_fail(codec, "a segment register in it is impossible");
}

static void code_table(struct codec *codec, struct cpu_table *table)
{
	codec_u64(codec, &table->base);
	codec_u16(codec, &table->limit);
}

static void code_events(struct codec *codec, struct cpu_events *events)
{
	bool *const flags[] = {&events->exception_injected, &events->exception_pending,
		&events->exception_has_error, &events->interrupt_injected, &events->interrupt_soft,
		&events->interrupt_shadow, &events->nmi_injected, &events->nmi_pending,
		&events->nmi_masked, &events->triple_fault_pending};

	codec_u8(codec, &events->exception_vector);
	codec_u32(codec, &events->exception_error);
	codec_u8(codec, &events->interrupt_vector);
	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		codec_bool(codec, flags[i]);
}

static void code_facts(struct codec *codec, struct cpu_facts *facts)
{
	bool *const flags[] = {&facts->gib_pages, &facts->nx, &facts->pse, &facts->pse36,
		&facts->pae, &facts->long_mode, &facts->la57, &facts->smep, &facts->smap,
		&facts->umip, &facts->pcid, &facts->fxsr, &facts->sse, &facts->sse2, &facts->sse3,
		&facts->ssse3, &facts->sse41, &facts->sse42, &facts->avx, &facts->xsave,
		&facts->fsgsbase, &facts->amd};

	codec_u8(codec, &facts->maxphyaddr);
	codec_u32(codec, &facts->signature);
	codec_u64(codec, &facts->cr4_reserved);
	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		codec_bool(codec, flags[i]);
	if (facts->maxphyaddr > 52)
		codec_fail(codec, "the width of physical addresses in it is impossible");
}

static void code_words(struct codec *codec, uint64_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		codec_u64(codec, &words[i]);
}

static void code_cpu(struct codec *codec, struct cpu_state *cpu)
{
	uint64_t *const words[] = {&cpu->rip, &cpu->rflags, &cpu->cr0, &cpu->cr2, &cpu->cr3,
		&cpu->cr4, &cpu->cr8, &cpu->efer, &cpu->apic_base, &cpu->star, &cpu->lstar,
		&cpu->cstar, &cpu->sfmask, &cpu->kernel_gs_base, &cpu->pat, &cpu->sysenter_cs,
		&cpu->sysenter_esp, &cpu->sysenter_eip, &cpu->tsc};

	codec_unsigned(codec, &cpu->index);
	code_words(codec, cpu->gpr, GPR_COUNT);
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		codec_u64(codec, words[i]);
	code_words(codec, cpu->dr, 8);
	for (unsigned i = 0; i < SEG_COUNT; i++)
		code_segment(codec, &cpu->seg[i]);
	code_segment(codec, &cpu->tr);
	code_segment(codec, &cpu->ldtr);
	code_table(codec, &cpu->gdtr);
	code_table(codec, &cpu->idtr);
	code_events(codec, &cpu->events);
	code_facts(codec, &cpu->facts);
	cpu->run_state = codec_enum(codec, cpu->run_state, CPU_WAIT_FOR_SIPI + 1);
}

static void code_cpus(struct codec *codec, struct evidence *evidence)
{
	struct cpu_state *cpus = (struct cpu_state *)evidence->cpus;

	codec_count(codec, &evidence->cpu_count, CPUS_MAX);
	codec_count(codec, &evidence->cpu, CPUS_MAX);
	if (evidence->cpu >= evidence->cpu_count)
		codec_fail(codec, "it has no such vCPU");
	if (!codec->writing)
		cpus = codec_allocate(codec, evidence->cpu_count * sizeof(*cpus));
	for (unsigned i = 0; cpus && i < evidence->cpu_count; i++)
		code_cpu(codec, &cpus[i]);
	evidence->cpus = cpus;
}

static void code_exit(struct codec *codec, struct exit_record *record)
{
	codec_u32(codec, &record->reason);
	codec_u32(codec, &record->vcpu);
	codec_u64(codec, &record->rip);
	codec_u64(codec, &record->where);
	codec_u64(codec, &record->value);
	codec_u32(codec, &record->size);
	codec_u32(codec, &record->count);
	codec_bool(codec, &record->write);
}

static void code_death(struct codec *codec, struct evidence *evidence)
{
	evidence->death = codec_enum(codec, evidence->death, DEATH_TIMEOUT + 1);
	evidence->stuck = codec_enum(codec, evidence->stuck, STUCK_VMCALL + 1);
	codec_u8(codec, &evidence->boot_vector);
	codec_bool(codec, &evidence->boot_has_error);
	codec_u32(codec, &evidence->boot_error);
	codec_u32(codec, &evidence->exit_reason);
	codec_u32(codec, &evidence->internal_suberror);
	codec_count(codec, &evidence->internal_ndata, 16);
	code_words(codec, evidence->internal_data, 16);
	codec_u64(codec, &evidence->entry_failure);
	codec_u64(codec, &evidence->exit_total);
	codec_count(codec, &evidence->exit_count, EXIT_RING);
	for (unsigned i = 0; i < evidence->exit_count; i++)
		code_exit(codec, &evidence->exits[i]);
	codec_double(codec, &evidence->seconds);
}

/* How a region's pristine bytes are stored. */
enum pristine { PRISTINE_NONE, PRISTINE_AS_MEMORY, PRISTINE_STORED, PRISTINE_KINDS };

static enum pristine pristine_kind(
	const struct evidence *evidence, const struct evidence_region *region)
{
	if (!region->pristine || region->size > PRISTINE_MAX)
		return PRISTINE_NONE;
	return region_compare(&evidence->mem, region).bytes ? PRISTINE_STORED : PRISTINE_AS_MEMORY;
}

/* Without the zeros at its end: .bss is most of many images. */
static uint64_t stored_size(const struct evidence_region *region)
{
	uint64_t n = region->size;

	while (n && !region->pristine[n - 1])
		n--;
	return n;
}

static void code_pristine(
	struct codec *codec, const struct evidence *evidence, struct evidence_region *region)
{
	enum pristine kind = codec->writing ? pristine_kind(evidence, region) : PRISTINE_NONE;
	uint8_t *bytes = (uint8_t *)region->pristine;
	uint64_t stored = codec->writing && kind == PRISTINE_STORED ? stored_size(region) : 0;

	kind = codec_enum(codec, kind, PRISTINE_KINDS);
	codec_u64(codec, &stored);
	if (!codec->writing) {
		region->pristine = NULL;
		if (kind == PRISTINE_NONE)
			return;
		if (region->size > PRISTINE_MAX || stored > region->size ||
			stored > codec->length - codec->at) {
			codec_fail(codec, "a region in it is larger than what is stored of it");
			return;
		}
		bytes = codec_allocate(codec, region->size);
		region->pristine = bytes;
	}
	if (kind == PRISTINE_STORED)
		codec_bytes(codec, bytes, stored);
	else if (!codec->writing && bytes && kind == PRISTINE_AS_MEMORY &&
		 !phys_read(&evidence->mem, region->gpa, bytes, region->size))
		codec_fail(codec, "a region in it is not in its memory");
}

static void code_regions(struct codec *codec, struct evidence *evidence)
{
	struct evidence_region *regions = (struct evidence_region *)evidence->regions;

	codec_count(codec, &evidence->region_count, REGIONS_MAX);
	if (!codec->writing)
		regions = codec_allocate(codec, evidence->region_count * sizeof(*regions));
	for (unsigned i = 0; regions && !codec->failed && i < evidence->region_count; i++) {
		codec_string(codec, &regions[i].name);
		if (!regions[i].name)
			codec_fail(codec, "a region in it has no name");
		codec_u64(codec, &regions[i].gpa);
		codec_u64(codec, &regions[i].size);
		codec_u64(codec, &regions[i].linear);
		codec_bool(codec, &regions[i].monitor);
		codec_bool(codec, &regions[i].writable);
		code_pristine(codec, evidence, &regions[i]);
	}
	evidence->regions = regions;
}

static void code_devices(struct codec *codec, struct evidence *evidence)
{
	codec_count(codec, &evidence->unclaimed_count, UNCLAIMED_MAX);
	for (unsigned i = 0; i < evidence->unclaimed_count; i++) {
		codec_u64(codec, &evidence->unclaimed[i].where);
		codec_u64(codec, &evidence->unclaimed[i].reads);
		codec_u64(codec, &evidence->unclaimed[i].writes);
		codec_bool(codec, &evidence->unclaimed[i].mmio);
	}
	for (unsigned i = 0; i < 2; i++) {
		codec_bool(codec, &evidence->pic[i].valid);
		codec_u8(codec, &evidence->pic[i].irr);
		codec_u8(codec, &evidence->pic[i].imr);
		codec_u8(codec, &evidence->pic[i].isr);
		codec_u8(codec, &evidence->pic[i].vector_base);
	}
	codec_bool(codec, &evidence->apic.valid);
	codec_bytes(codec, evidence->apic.regs, sizeof(evidence->apic.regs));
	codec_u64(codec, &evidence->log_ring);
}

static void code_rerun(struct codec *codec, struct evidence *evidence)
{
	evidence->origin = codec_enum(codec, evidence->origin, STATE_RECOVERED + 1);
	evidence->rerun = codec_enum(codec, evidence->rerun, RERUN_FAILED + 1);
	codec_unsigned(codec, &evidence->rerun_slices);
	codec_unsigned(codec, &evidence->rerun_steps);
	codec_count(codec, &evidence->trail_count, TRAIL_STEPS);
	for (unsigned i = 0; i < evidence->trail_count; i++) {
		struct trail_step *step = &evidence->trail[i];

		codec_u64(codec, &step->rip);
		codec_u64(codec, &step->rsp);
		codec_u64(codec, &step->rflags);
		codec_u64(codec, &step->cr3);
		codec_u16(codec, &step->cs);
	}
}

static void code_samples(struct codec *codec, struct evidence *evidence)
{
	codec_count(codec, &evidence->sample_count, SAMPLES_MAX);
	for (unsigned i = 0; i < evidence->sample_count; i++) {
		codec_u64(codec, &evidence->samples[i].rip);
		codec_u64(codec, &evidence->samples[i].count);
	}
}

static void code_write(struct codec *codec, struct write_record *record)
{
	codec_u64(codec, &record->linear);
	codec_u64(codec, &record->gpa);
	codec_u32(codec, &record->size);
	codec_u64(codec, &record->old_value);
	codec_u64(codec, &record->new_value);
	codec_bool(codec, &record->old_unknown);
	codec_u64(codec, &record->rip);
	codec_bool(codec, &record->rip_after);
	code_cpu(codec, &record->cpu);
}

static void code_writes(struct codec *codec, struct evidence *evidence)
{
	struct write_record *writes = (struct write_record *)evidence->writes;

	codec_count(codec, &evidence->write_count, WRITES_MAX);
	if (!codec->writing)
		writes = evidence->write_count
		                 ? codec_allocate(codec, evidence->write_count * sizeof(*writes))
		                 : NULL;
	for (unsigned i = 0; writes && i < evidence->write_count; i++)
		code_write(codec, &writes[i]);
	evidence->writes = writes;
}

/* When reading, the sizes are known from elsewhere. */
static void code_ram(struct codec *codec, const struct evidence *evidence)
{
	uint64_t low = evidence->ram_low, high = evidence->ram_high;

	codec_u64(codec, &low);
	codec_u64(codec, &high);
	if (low != evidence->ram_low || high != evidence->ram_high)
		codec_fail(codec, "its memory is not as large as its note says");
}

void core_evidence_code(struct codec *codec, struct evidence *evidence)
{
	uint32_t version = CORE_EVIDENCE_VERSION;

	codec_u32(codec, &version);
	if (version != CORE_EVIDENCE_VERSION) {
		codec_fail(codec, "it was written by another version of vmm");
		return;
	}
	code_ram(codec, evidence);
	code_death(codec, evidence);
	code_cpus(codec, evidence);
	code_regions(codec, evidence);
	code_devices(codec, evidence);
	code_rerun(codec, evidence);
	code_samples(codec, evidence);
	code_writes(codec, evidence);
	codec_string(codec, &evidence->image);
	codec_string(codec, &evidence->symbols);
	codec_string(codec, &evidence->initrd);
	codec_string(codec, &evidence->kvm);
	if (!codec->writing && codec->at != codec->length)
		codec_fail(codec, "it is longer than what it says");
}
