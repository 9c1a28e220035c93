/* SPDX-License-Identifier: MIT */
/*
 * finding_tables.c: the tables that the CPU needs: where they are, whether they can be read, what
 * is left of them.
 */
#include "findings_parts.h"

#include <string.h>

#include "region.h"

#define PAGE      4096u
#define STACK_MAX 0x10000u /* bytes of a stack that are looked for a page table */

void findings_damages(struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;

	for (unsigned i = 0; i < evidence->region_count; i++) {
		const struct evidence_region *region = &evidence->regions[i];
		struct damage_finding *damage = &findings->damages[findings->damage_count];

		if (!region->pristine || region->writable || findings->damage_count == DAMAGES_MAX)
			continue;
		damage->region = region;
		damage->damage = region_compare(&evidence->mem, region);
		if (damage->damage.bytes)
			findings->damage_count++;
	}
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

/* The image has something else than zeros for a place where memory has zeros. */
static bool image_has_content(const struct findings *findings, uint64_t linear, uint64_t size)
{
	uint8_t bytes[256];
	uint64_t done = 0;

	while (done < size) {
		size_t n = size - done < sizeof(bytes) ? size - done : sizeof(bytes);

		n = region_loaded(findings->evidence, linear + done, bytes, n);
		if (!n)
			return false;
		if (!all_zero(bytes, n))
			return true;
		done += n;
	}
	return false;
}

static void prove_filled(struct findings *findings, struct table_finding *table)
{
	const struct writer_finding *writer = &findings->writer;

	if (!table->zero)
		return;
	if (writer->found && writer->had_content && table->base.mapped &&
		writer->record->gpa - table->base.gpa < table->size) {
		table->was_filled = true;
		table->filled_proof = "a second run saw how it was overwritten";
	} else if (image_has_content(findings, table->base.address, table->size)) {
		table->was_filled = true;
		table->filled_proof = "the image's file has its entries";
	}
}

static void look_at(struct findings *findings, enum table_kind kind, uint64_t base, uint64_t size)
{
	struct table_finding *table = &findings->table[kind];
	const struct evidence *evidence = findings->evidence;
	uint8_t bytes[256];

	table->loaded = base || size > 1;
	table->size = size;
	table->base = findings_place(findings, base);
	table->in_bss = table->base.has_segment && strcmp(table->base.segment.section, ".bss") == 0;
	table->readable = table->zero = true;
	for (uint64_t done = 0; done < size && table->readable; done += sizeof(bytes)) {
		size_t n = size - done < sizeof(bytes) ? size - done : sizeof(bytes);

		table->access = linear_read(
			&evidence->mem, &findings->cpu, base + done, bytes, n, linear_system_read);
		table->readable = table->access.status == LINEAR_OK;
		table->zero = table->zero && table->readable && all_zero(bytes, n);
	}
	prove_filled(findings, table);
	for (unsigned i = 0; i < findings->damage_count; i++)
		if (findings->damages[i].region == table->base.region) {
			table->changed = true;
			table->damage = findings->damages[i].damage;
		}
}

/* vmm's boot IDT has gates of 8 bytes for a kernel that begins in 32-bit mode. */
static bool is_stale_boot_idt(const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	const struct cpu_state *cpu = &findings->cpu;

	if (!cpu_long_mode(cpu))
		return false;
	for (unsigned i = 0; i < evidence->region_count; i++) {
		const struct evidence_region *region = &evidence->regions[i];

		if (region->monitor && !strcmp(region->name, "boot IDT") &&
			region->linear == cpu->idtr.base && region->size < EXCEPTION_VECTORS * 16)
			return true;
	}
	return false;
}

void findings_tables(struct findings *findings)
{
	const struct cpu_state *cpu = &findings->cpu;

	findings->stale_boot_idt = is_stale_boot_idt(findings);
	look_at(findings, TABLE_IDT, cpu->idtr.base, cpu->idtr.limit + 1ull);
	look_at(findings, TABLE_GDT, cpu->gdtr.base, cpu->gdtr.limit + 1ull);
	if (!cpu->tr.unusable && cpu->tr.selector)
		look_at(findings, TABLE_TSS, cpu->tr.base,
			cpu->tr.limit < 0xffff ? cpu->tr.limit + 1ull : 0x10000);
}

static unsigned entry_size(enum paging_mode mode)
{
	return mode == PAGING_32BIT || mode == PAGING_PSE || mode == PAGING_PSE36 ? 4 : 8;
}

/* The place of a guest-physical address, which the image may know as it is. */
static struct place place_of_gpa(const struct findings *findings, uint64_t gpa)
{
	struct place place = {.address = gpa, .gpa = gpa};

	place.has_symbol = symbols_find_address(findings->symbols, gpa, &place.symbol);
	place.has_segment = symbols_find_segment(findings->symbols, gpa, &place.segment);
	place.region = region_find(findings->evidence, gpa);
	return place;
}

/* Reserved bits stand for rubbish only with others that no mapping code sets. */
static unsigned count_garbage(const struct findings *findings, const uint8_t *bytes, unsigned size)
{
	unsigned bits = findings->cpu.facts.maxphyaddr, n = 0;
	uint64_t entry, beyond = bits < 52 ? (1ull << 52) - (1ull << bits) : 0;

	if (size != 8)
		return 0;
	for (unsigned i = 0; i < PAGE / 8; i++) {
		memcpy(&entry, bytes + i * 8, 8);
		n += entry & PTE_P && entry & beyond;
	}
	return n;
}

/* Nothing but a straight run to RIP came before: the page was there a moment ago. */
static bool ran_straight(const struct findings *findings)
{
	if (!findings->before_known)
		return false;
	switch (findings->before.op) {
	case INSN_OTHER:
	case INSN_CLI:
	case INSN_PORT:
	case INSN_POPF:
	case INSN_PUSHF:
		return true;
	default:
		return false;
	}
}

/* The store at RIP, not finished yet, goes to the table's page, by its physical address or by the
 * symbol that both have. */
static bool is_being_written(const struct findings *findings)
{
	const struct insn *insn = &findings->insn.insn;
	const struct paging_finding *paging = &findings->paging;
	struct insn decoded;
	struct symbol symbol;

	if (findings->insn.decoded != INSN_OK) {
		if (!findings_decode(findings, findings->rip.address, &decoded))
			return false;
		insn = &decoded;
	}
	if (!(insn->flags & INSN_REPEAT))
		return false;
	for (unsigned i = 0; i < insn->mem_count; i++) {
		if (!insn->mem[i].write || !insn->mem[i].resolved)
			continue;
		if (insn->mem[i].linear - paging->table_gpa < PAGE)
			return true;
		if (paging->table.has_symbol &&
			symbols_find_address(findings->symbols, insn->mem[i].linear, &symbol) &&
			!strcmp(symbol.name, paging->table.symbol.name))
			return true;
	}
	return false;
}

/* The guest-physical address of a linear one, when the page tables cannot be asked: that of the
 * image's memory or of memory at its own address. */
static uint64_t gpa_by_region(const struct evidence *evidence, uint64_t linear)
{
	for (unsigned i = 0; i < evidence->region_count; i++)
		if (linear - evidence->regions[i].linear < evidence->regions[i].size)
			return linear - evidence->regions[i].linear + evidence->regions[i].gpa;
	return linear;
}

/* A return address among the entries, and RSP not far below it: the table is part of the stack. */
static void find_stack_over(struct findings *findings, const uint8_t *bytes)
{
	struct paging_finding *paging = &findings->paging;
	uint64_t rsp = gpa_by_region(findings->evidence, findings_stack_top(findings)), word;
	unsigned size = findings_word_size(findings);

	if (!paging->is_rip || cpu_cpl(&findings->cpu) ||
		paging->table_gpa + PAGE - rsp > STACK_MAX)
		return;
	for (unsigned at = PAGE; at && !paging->under_stack;) {
		at -= size;
		word = 0;
		memcpy(&word, bytes + at, size);
		if (paging->table_gpa + at < rsp || word < 5 || !findings_was_call(findings, word))
			continue;
		paging->under_stack = true;
		paging->return_gpa = paging->table_gpa + at;
		paging->caller = findings_place(findings, word - 5);
	}
}

void findings_paging(struct findings *findings)
{
	struct paging_finding *paging = &findings->paging;
	const struct evidence *evidence = findings->evidence;
	struct walk walk = walk_linear(&evidence->mem, &findings->cpu, findings->rip.address,
		(struct walk_access){.fetch = true, .user = cpu_cpl(&findings->cpu) == 3});
	unsigned size = entry_size(walk.mode);
	uint8_t bytes[PAGE];

	paging->is_rip = !walk.allowed;
	if (walk.allowed && findings->first.has_walk)
		walk = findings->first.walk;
	if (walk.guilty == WALK_NO_GUILTY)
		return;
	paging->stops = true;
	paging->walk = walk;
	paging->table_gpa = walk.step[walk.guilty].gpa - walk.step[walk.guilty].index * size;
	paging->table = place_of_gpa(findings, paging->table_gpa);
	if (!phys_read(&evidence->mem, paging->table_gpa, bytes, PAGE))
		return;
	paging->table_zero = all_zero(bytes, PAGE);
	paging->garbage = count_garbage(findings, bytes, size);
	paging->was_in_use = paging->is_rip && ran_straight(findings);
	paging->being_written = is_being_written(findings);
	find_stack_over(findings, bytes);
}
