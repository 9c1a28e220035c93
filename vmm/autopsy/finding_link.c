/* SPDX-License-Identifier: MIT */
/*
 * finding_link.c: is the image where it was linked for? The code of its symbols is looked for in
 * what the monitor loaded. Found elsewhere, the symbols move there; and an instruction that names
 * an address by the old place shows that this matters.
 */
#define _GNU_SOURCE /* memmem */

#include "findings_parts.h"

#include <string.h>

#include "region.h"

#define SAMPLE       32 /* bytes of code that nothing else has by chance */
#define SYMBOLS_MAX  4096
#define FUNCTION_MAX 4096  /* bytes that are decoded up to a call */
#define LOW_MEMORY   0x500 /* real mode: vectors and BIOS data, which have absolute addresses */

static bool is_uniform(const uint8_t *bytes)
{
	return !memcmp(bytes, bytes + 1, SAMPLE - 1);
}

/* The only place of the sample in what the monitor loaded of the image. */
static bool find_sample(const struct evidence *evidence, const uint8_t *sample, uint64_t *linear)
{
	unsigned found = 0;

	for (unsigned i = 0; i < evidence->region_count; i++) {
		const struct evidence_region *region = &evidence->regions[i];
		const uint8_t *at = region->pristine;

		if (region->monitor || !at || region->size < SAMPLE)
			continue;
		while ((at = memmem(at, region->size - (size_t)(at - region->pristine), sample,
				SAMPLE))) {
			*linear = region->linear + (uint64_t)(at - region->pristine);
			found++;
			at++;
		}
	}
	return found == 1;
}

static bool is_loaded_at(const struct evidence *evidence, uint64_t linear, const uint8_t *sample)
{
	uint8_t bytes[SAMPLE];

	return region_loaded(evidence, linear, bytes, sizeof(bytes)) == SAMPLE &&
	       !memcmp(bytes, sample, SAMPLE);
}

/* The first code that can be told from other code. False: none can. */
static bool first_code(struct symbols *symbols, struct symbol *symbol, uint8_t *sample)
{
	bool more = true;

	for (size_t n = 0; more && n < SYMBOLS_MAX; n++)
		if (symbols_nth_code(symbols, n, symbol, &more) &&
			symbols_read(symbols, symbol->address, sample, SAMPLE) == SAMPLE &&
			!is_uniform(sample))
			return true;
	return false;
}

void findings_link(struct findings *findings)
{
	struct link_finding *link = &findings->link;
	struct symbol symbol, there;
	uint8_t sample[SAMPLE];
	uint64_t linear;

	if (!first_code(findings->symbols, &symbol, sample) ||
		is_loaded_at(findings->evidence, symbol.address, sample) ||
		!find_sample(findings->evidence, sample, &linear) ||
		(symbols_find_address(findings->symbols, linear, &there) && !there.offset &&
			!strcmp(there.name, symbol.name)))
		return;
	link->moved = true;
	link->by = linear - symbol.address;
	link->linked = symbol.address;
	symbols_move(findings->symbols, link->by);
	link->at = findings_place(findings, linear);
}

/* Does the instruction access what has a name by the address for which the image was linked? */
static bool uses_old_place(
	const struct findings *findings, const struct insn *insn, struct symbol *symbol)
{
	const struct cpu_state *cpu = &findings->cpu;

	for (unsigned i = 0; i < insn->mem_count; i++) {
		const struct insn_mem *mem = &insn->mem[i];
		uint64_t linear = cpu->seg[mem->segment].base + (uint64_t)mem->disp;
		bool table = insn->op == INSN_LGDT || insn->op == INSN_LIDT;

		if (mem->kind == INSN_MEM_DATA && mem->base == INSN_NO_REG &&
			(table || linear >= LOW_MEMORY || cpu->cr0 & CR0_PE) &&
			symbols_find_address(
				findings->symbols, linear + findings->link.by, symbol) &&
			!symbol->offset)
			return true;
	}
	return false;
}

/* Where does what is called lie, when the pointer to it was not moved? */
static bool calls_old_place(const struct findings *findings, struct symbol *symbol)
{
	const struct code_finding *code = &findings->code;
	uint64_t base = findings->rip.address - findings->cpu.rip;

	return code->caller_indirect && code->caller_known && code->caller_target &&
	       symbols_find_address(
		       findings->symbols, base + code->caller_target + findings->link.by, symbol) &&
	       !symbol->offset && symbol->kind == SYMBOL_FUNCTION;
}

static bool take_use(struct findings *findings, const struct insn *insn, uint64_t linear)
{
	struct link_finding *link = &findings->link;

	if (!uses_old_place(findings, insn, &link->meant))
		return false;
	link->used = true;
	link->user = findings_place(findings, linear);
	insn_format(insn, &findings->cpu, INSN_ATT, NULL, NULL, link->insn, sizeof(link->insn));
	return true;
}

/* The call that led here, and what its function executed before it. */
static bool take_call(struct findings *findings)
{
	struct link_finding *link = &findings->link;
	const struct place *caller = &findings->code.caller;
	uint64_t at = caller->address - caller->symbol.offset;
	struct insn call;

	if (!findings->code.from_call || !caller->has_symbol ||
		caller->symbol.offset > FUNCTION_MAX)
		return false;
	for (; at <= caller->address && findings_decode(findings, at, &call); at += call.length)
		if (take_use(findings, &call, at))
			return true;
	if (at <= caller->address || !calls_old_place(findings, &link->meant))
		return false;
	link->used = link->by_pointer = true;
	link->user = findings->code.caller;
	insn_format(&call, &findings->cpu, INSN_ATT, NULL, NULL, link->insn, sizeof(link->insn));
	return true;
}

void findings_link_use(struct findings *findings)
{
	uint64_t base = findings->rip.address - findings->cpu.rip;

	if (!findings->link.moved)
		return;
	if (findings->insn.decoded == INSN_OK &&
		take_use(findings, &findings->insn.insn, findings->rip.address))
		return;
	if (take_call(findings))
		return;
	for (unsigned i = 0; i < findings->past_count; i++)
		if (take_use(findings, &findings->past[i], base + findings->past[i].rip))
			return;
}
