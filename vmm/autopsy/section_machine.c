/* SPDX-License-Identifier: MIT */
/*
 * section_machine.c: the machine around the CPU in a report: the death, the last exits, ports,
 * interrupt controllers, memory layout and the guest's log.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "log_tail.h"
#include "names.h"
#include "region.h"
#include "sections.h"

#define EXIT_REASON_IO   2 /* KVM_EXIT_*: Documentation/virt/kvm/api.rst, 5 */
#define EXIT_REASON_MMIO 6
#define LOG_BYTES        8192
#define REGIONS_SHOWN    128

static void add_exit_reason(struct text *text, uint32_t reason)
{
	const char *name = exit_reason_name(reason);

	if (name)
		text_add(text, "KVM_EXIT_%s", name);
	else
		text_add(text, "KVM exit %u", reason);
}

/* KVM_EXIT_INTERNAL_ERROR: api.rst, 5, "internal" and "emulation_failure": data[0] holds flags,
 * then a length byte and the instruction. */
static void add_internal(struct text *text, const struct evidence *evidence)
{
	const char *what = suberror_text(evidence->internal_suberror);
	unsigned count = evidence->internal_ndata <= 16 ? evidence->internal_ndata : 16;
	const uint8_t *bytes = (const uint8_t *)&evidence->internal_data[1];

	section_title(text, "kvm");
	text_add(text, "internal error %u", evidence->internal_suberror);
	if (what)
		text_add(text, ": %s", what);
	text_add(text, "\n");
	if (count) {
		text_pad(text, SECTION_INDENT);
		text_add(text, "data");
	}
	for (unsigned i = 0; i < count; i++)
		text_add(text, " 0x%" PRIx64, evidence->internal_data[i]);
	if (count)
		text_add(text, "\n");
	if (evidence->internal_suberror != 1 || count < 3 || !(evidence->internal_data[0] & 1))
		return;
	text_pad(text, SECTION_INDENT);
	text_add(text, "instruction bytes:");
	for (unsigned i = 1; i <= bytes[0] && i <= 15; i++)
		text_add(text, " %02x", bytes[i]);
	text_add(text, "\n");
}

static void add_origin(struct text *text, const struct evidence *evidence)
{
	section_title(text, "state");
	text_add(text, "%s: %s\n", origin_word(evidence->origin), origin_text(evidence->origin));
	if (evidence->rerun == RERUN_NONE)
		return;
	section_title(text, "rerun");
	text_add(text, "%s (%u slices, %u single steps)\n", rerun_text(evidence->rerun),
		evidence->rerun_slices, evidence->rerun_steps);
}

void section_death(struct text *text, const struct evidence *evidence)
{
	section_title(text, "death");
	text_style(text, TEXT_BAD);
	text_add(text, "%s", death_text(evidence->death));
	text_style(text, TEXT_PLAIN);
	if (stuck_text(evidence->stuck))
		text_add(text, ": %s", stuck_text(evidence->stuck));
	text_add(text, "\n");
	text_pad(text, SECTION_INDENT);
	text_add(text, "vCPU %u of %u, after %.3f s, %" PRIu64 " exits, %s; last ", evidence->cpu,
		evidence->cpu_count, evidence->seconds, evidence->exit_total,
		evidence->kvm ? evidence->kvm : "kvm");
	add_exit_reason(text, evidence->exit_reason);
	text_add(text, "\n");
	if (evidence->death == DEATH_KVM_INTERNAL)
		add_internal(text, evidence);
	if (evidence->death == DEATH_FAIL_ENTRY) {
		section_title(text, "kvm");
		text_add(text, "hardware entry failure reason 0x%" PRIx64 "\n",
			evidence->entry_failure);
	}
	add_origin(text, evidence);
}

static void add_place(struct text *text, uint64_t where, bool mmio)
{
	const char *name = mmio ? NULL : port_name(where);

	text_add(text, "%s 0x%" PRIx64, mmio ? "address" : "port", where);
	if (name)
		text_add(text, " (%s)", name);
}

static void add_exit(struct text *text, const struct exit_record *record)
{
	bool io = record->reason == EXIT_REASON_IO, mmio = record->reason == EXIT_REASON_MMIO;

	text_add(text, "vCPU %u  ", record->vcpu);
	add_exit_reason(text, record->reason);
	if (io || mmio) {
		text_add(text, record->write ? "  write to " : "  read from ");
		add_place(text, record->where, mmio);
		text_add(text, ", %u byte%s", record->size, record->size == 1 ? "" : "s");
		if (record->write)
			text_add(text, ": 0x%" PRIx64, record->value);
	} else if (record->value) {
		text_add(text, "  0x%" PRIx64, record->value);
	}
	if (record->count > 1)
		text_add(text, "  x %u", record->count);
	if (record->rip)
		text_add(text, "  rip 0x%" PRIx64, record->rip);
	text_add(text, "\n");
}

void section_exits(struct text *text, const struct evidence *evidence, unsigned max)
{
	unsigned count = evidence->exit_count < EXIT_RING ? evidence->exit_count : EXIT_RING;
	unsigned first = count > max ? count - max : 0;

	for (unsigned i = first; i < count; i++) {
		if (i == first)
			section_title(text, "exits");
		else
			text_pad(text, SECTION_INDENT);
		add_exit(text, &evidence->exits[i]);
	}
}

void section_unclaimed(struct text *text, const struct evidence *evidence)
{
	for (unsigned i = 0; i < evidence->unclaimed_count && i < UNCLAIMED_MAX; i++) {
		const struct unclaimed *unclaimed = &evidence->unclaimed[i];

		if (i)
			text_pad(text, SECTION_INDENT);
		else
			section_title(text, "unclaimed");
		add_place(text, unclaimed->where, unclaimed->mmio);
		text_add(text, ": %" PRIu64 " reads (all ones), %" PRIu64 " writes (ignored)\n",
			unclaimed->reads, unclaimed->writes);
	}
}

static void add_pic(struct text *text, const struct pic_state *pic, unsigned number)
{
	if (number > 1)
		text_pad(text, SECTION_INDENT);
	text_add(text,
		"PIC %u: vectors from 0x%02x, requested 0x%02x, masked 0x%02x, in service 0x%02x\n",
		number, pic->vector_base, pic->irr, pic->imr, pic->isr);
}

/* Bits of a 256-bit APIC register, 32 of them every 16 bytes: SDM vol. 3, 11.8.4 "Interrupt
 * Acceptance for Fixed Interrupts". */
static void add_apic_bits(
	struct text *text, const struct apic_state *apic, unsigned offset, const char *name)
{
	unsigned count = 0;

	text_add(text, ", %s:", name);
	for (unsigned vector = 16; vector < 256; vector++) {
		uint8_t byte = apic->regs[offset + vector / 32 * 16 + vector % 32 / 8];

		if (byte & 1u << vector % 8 && count++ < 8)
			text_add(text, " 0x%02x", vector);
	}
	text_add(text, count == 0 ? " none" : count > 8 ? " ..." : "");
}

void section_chips(struct text *text, const struct evidence *evidence)
{
	const struct apic_state *apic = &evidence->apic;
	uint32_t spurious;

	if (!apic->valid && !evidence->pic[0].valid)
		return;
	section_title(text, "chips");
	for (unsigned i = 0; i < 2; i++)
		if (evidence->pic[i].valid)
			add_pic(text, &evidence->pic[i], i + 1);
	if (apic->valid) {
		if (evidence->pic[0].valid)
			text_pad(text, SECTION_INDENT);
		memcpy(&spurious, apic->regs + 0xf0, sizeof(spurious));
		text_add(text, "local APIC: %s", spurious & 0x100 ? "enabled" : "disabled");
		add_apic_bits(text, apic, 0x200, "requested");
		add_apic_bits(text, apic, 0x100, "in service");
		text_add(text, "\n");
	}
}

static void add_damage(
	struct text *text, const struct evidence *evidence, const struct evidence_region *region)
{
	struct region_damage damage = region_compare(&evidence->mem, region);

	text_style(text, TEXT_BAD);
	if (damage.zeroed)
		text_add(text, "  ZEROED");
	else if (damage.bytes)
		text_add(text, "  OVERWRITTEN: %" PRIu64 " bytes, 0x%" PRIx64 "-0x%" PRIx64,
			damage.bytes, damage.first, damage.last);
	for (unsigned i = 0; i < evidence->region_count; i++)
		if (&evidence->regions[i] != region &&
			region_overlaps(region, &evidence->regions[i])) {
			text_add(text, "  OVERLAPS ");
			text_add_hostile(
				text, evidence->regions[i].name, strlen(evidence->regions[i].name));
		}
	text_style(text, TEXT_PLAIN);
}

static int compare_regions(const void *a, const void *b)
{
	const struct evidence_region *x = *(const struct evidence_region *const *)a;
	const struct evidence_region *y = *(const struct evidence_region *const *)b;

	return x->gpa != y->gpa ? (x->gpa < y->gpa ? -1 : 1) : (x > y) - (x < y);
}

static void add_region(
	struct text *text, const struct evidence *evidence, const struct evidence_region *region)
{
	text_pad(text, SECTION_INDENT);
	text_add(text, "0x%09" PRIx64 "-0x%09" PRIx64 "  ", region->gpa,
		region->gpa + region->size - 1);
	text_add_hostile(text, region->name, strlen(region->name));
	if (region->linear != region->gpa)
		text_add(text, ", at 0x%" PRIx64, region->linear);
	add_damage(text, evidence, region);
	text_add(text, "\n");
}

void section_regions(struct text *text, const struct evidence *evidence)
{
	const struct evidence_region *sorted[REGIONS_SHOWN];
	unsigned count =
		evidence->region_count < REGIONS_SHOWN ? evidence->region_count : REGIONS_SHOWN;

	section_title(text, "memory");
	text_add(text, "RAM: %" PRIu64 " KiB from 0", evidence->ram_low / 1024);
	if (evidence->ram_high)
		text_add(text, ", %" PRIu64 " KiB from 4 GiB", evidence->ram_high / 1024);
	text_add(text, "\n");
	for (unsigned i = 0; i < count; i++)
		sorted[i] = &evidence->regions[i];
	qsort(sorted, count, sizeof(sorted[0]), compare_regions);
	for (unsigned i = 0; i < count; i++)
		add_region(text, evidence, sorted[i]);
	if (count < evidence->region_count) {
		text_pad(text, SECTION_INDENT);
		text_add(text, "and %u more\n", evidence->region_count - count);
	}
}

void section_log(struct text *text, const struct evidence *evidence, unsigned max)
{
	char log[LOG_BYTES];
	size_t n = log_tail_read(evidence, log, sizeof(log));
	size_t at = log_tail_lines(log, n, max);

	if (n)
		section_title(text, "log");
	for (bool first = true; at < n; first = false) {
		const char *end = memchr(log + at, '\n', n - at);
		size_t length = end ? (size_t)(end - (log + at)) : n - at;

		if (!first)
			text_pad(text, SECTION_INDENT);
		text_add_hostile(text, log + at, length);
		text_add(text, "\n");
		at += length + 1;
	}
}

void section_trail(struct text *text, const struct evidence *evidence, unsigned max)
{
	unsigned count = evidence->trail_count < TRAIL_STEPS ? evidence->trail_count : TRAIL_STEPS;
	unsigned first = count > max ? count - max : 0;

	for (unsigned i = first; i < count; i++) {
		const struct trail_step *step = &evidence->trail[i];

		if (i == first)
			section_title(text, "steps");
		else
			text_pad(text, SECTION_INDENT);
		text_add(text,
			"cs %04x  rip %016" PRIx64 "  rsp %016" PRIx64 "  rflags %08" PRIx64
			"  cr3 %" PRIx64 "\n",
			step->cs, step->rip, step->rsp, step->rflags, step->cr3);
	}
}

void section_samples(struct text *text, const struct evidence *evidence, unsigned max)
{
	unsigned count =
		evidence->sample_count < SAMPLES_MAX ? evidence->sample_count : SAMPLES_MAX;

	for (unsigned i = 0; i < count && i < max; i++) {
		if (i)
			text_pad(text, SECTION_INDENT);
		else
			section_title(text, "samples");
		text_add(text, "rip %016" PRIx64 "  %" PRIu64 " ticks\n", evidence->samples[i].rip,
			evidence->samples[i].count);
	}
}
