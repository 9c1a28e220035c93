/* SPDX-License-Identifier: MIT */
/*
 * finding_gates.c: gates of the IDT: is one good, was it good before, is there a whole row of them
 * somewhere else?
 */
#include "findings_parts.h"

#include <string.h>

#include "region.h"

#define PAGE       4096u
#define SEARCH_MAX 0x1000000ull /* bytes of a region that are searched for gates */
#define ROW_MIN    8            /* gates one behind the other make an IDT */

bool findings_gate_is_good(const struct findings *findings, const struct gate *gate)
{
	const struct phys_mem *mem = &findings->evidence->mem;
	struct desc_lookup code;

	if (!gate->present || (gate->kind != GATE_INTERRUPT && gate->kind != GATE_TRAP))
		return false;
	code = desc_lookup(mem, &findings->cpu, gate->selector);
	if (code.status != DESC_OK || !desc_is_code(&code.desc) || !code.desc.present)
		return false;
	return walk_linear(mem, &findings->cpu, gate->offset, (struct walk_access){.fetch = true})
	        .allowed;
}

/* Quick look at P, S and the type: SDM vol. 3, figures 6-2 and 6-8. */
static bool looks_like_gate(const uint8_t *raw)
{
	return (raw[5] & 0x9e) == 0x8e;
}

struct row_search {
	const struct findings *findings;
	unsigned size;   /* of a gate */
	uint64_t row;    /* where the current row begins, physical */
	unsigned count;  /* gates of it */
	unsigned wanted; /* a row of so many is found */
};

/* One more entry; true when it completes a row. */
static bool row_add(struct row_search *search, uint64_t gpa, const uint8_t *raw)
{
	struct gate gate;

	if (!looks_like_gate(raw)) {
		search->count = 0;
		return false;
	}
	gate = gate_decode(raw, search->size);
	if (!findings_gate_is_good(search->findings, &gate)) {
		search->count = 0;
		return false;
	}
	if (!search->count++)
		search->row = gpa;
	return search->count >= search->wanted;
}

/* In entries that begin at phase, counted from the region's start. */
static bool search_phase(
	struct row_search *search, const struct evidence_region *region, unsigned phase)
{
	uint64_t end = region->size < SEARCH_MAX ? region->size : SEARCH_MAX;
	uint8_t raw[16];

	search->count = 0;
	for (uint64_t at = phase; at + search->size <= end; at += search->size) {
		if (!phys_read(
			    &search->findings->evidence->mem, region->gpa + at, raw, search->size))
			return false;
		if (row_add(search, region->gpa + at, raw))
			return true;
	}
	return false;
}

bool findings_find_idt(const struct findings *findings, uint8_t vector, uint64_t *linear)
{
	const struct evidence *evidence = findings->evidence;
	struct row_search search = {.findings = findings,
		.size = gate_size(&findings->cpu),
		.wanted = vector >= ROW_MIN ? vector + 1u : ROW_MIN};

	for (unsigned i = 0; i < evidence->region_count; i++) {
		const struct evidence_region *region = &evidence->regions[i];

		for (unsigned phase = 0; !region->monitor && phase < search.size; phase += 8)
			if (search_phase(&search, region, (unsigned)(-region->gpa & 7) + phase)) {
				*linear = search.row - region->gpa + region->linear;
				return true;
			}
	}
	return false;
}

/* The first delivery in the chain that its own gate made fail. */
static const struct delivery *spoilt_delivery(const struct findings *findings)
{
	const struct first_event *first = &findings->first;

	if (!first->source || !first->has_chain)
		return NULL;
	for (unsigned i = 0; i < first->chain.count; i++) {
		const struct delivery *delivery = &first->chain.links[i].delivery;

		if (delivery->gate.status != GATE_OK || delivery->gate.gate.size < 8)
			continue;
		if (!findings_gate_is_good(findings, &delivery->gate.gate))
			return delivery;
	}
	return NULL;
}

static bool good_bytes(
	const struct findings *findings, const uint8_t *raw, unsigned size, struct gate *good)
{
	*good = gate_decode(raw, size);
	return findings_gate_is_good(findings, good);
}

/* A gate that is being made may lead somewhere between two writes: what counts leads to code. */
static bool leads_to_code(const struct findings *findings, const struct gate *gate)
{
	struct symbol_segment segment;

	return !symbols_count(findings->symbols) ||
	       (symbols_find_segment(findings->symbols, gate->offset, &segment) &&
		       segment.executable);
}

/* Takes the writes that were seen back, latest first, until there is a good gate. */
static bool undo_writes(const struct findings *findings, uint64_t gpa, uint8_t *raw, unsigned size,
	struct gate *good)
{
	const struct evidence *evidence = findings->evidence;

	for (unsigned i = evidence->write_count; i--;) {
		const struct write_record *record = &evidence->writes[i];
		uint64_t at = record->gpa - gpa;

		if (record->old_unknown || record->size > 8 || at >= size ||
			record->size > size - at)
			continue;
		memcpy(raw + at, &record->old_value, record->size);
		if (good_bytes(findings, raw, size, good) && leads_to_code(findings, good))
			return true;
	}
	return false;
}

void findings_bad_gate(struct findings *findings)
{
	struct gate_finding *bad = &findings->bad_gate;
	const struct delivery *delivery = spoilt_delivery(findings);
	uint8_t raw[16];
	unsigned size;
	struct walk walk;

	if (!delivery)
		return;
	size = delivery->gate.gate.size;
	walk = walk_linear(&findings->evidence->mem, &findings->cpu, delivery->gate.address,
		linear_system_read);
	bad->found = walk.translated;
	bad->vector = delivery->event.vector;
	bad->address = delivery->gate.address;
	bad->gpa = walk.gpa;
	memcpy(bad->now, delivery->gate.gate.raw, sizeof(bad->now));
	memcpy(raw, bad->now, sizeof(raw));
	if (bad->found && findings->evidence->writes &&
		undo_writes(findings, bad->gpa, raw, size, &bad->good)) {
		bad->was_good = true;
		bad->proof = "a second run saw how it was overwritten";
	} else if (region_loaded(findings->evidence, bad->address, raw, size) == size &&
		   good_bytes(findings, raw, size, &bad->good)) {
		bad->was_good = true;
		bad->proof = "the image's file has it";
	}
}
