/* SPDX-License-Identifier: MIT */
/*
 * rules_unmapped.c: page faults where nothing is mapped, or no longer.
 */
#include <inttypes.h>

#include "rule.h"

#define PAGE        UINT64_C(4096)
#define LARGE_PAGE  0x200000ull
#define IOAPIC_BASE 0xfec00000ull
#define SEARCH_MAX  0x1000000ull /* bytes of the image that are searched for other page tables */

static bool apic(const struct findings *findings)
{
	uint64_t page = findings->first.event.cr2 & ~(PAGE - 1);

	return rule_walk_is(findings, WALK_NOT_PRESENT) &&
	       (page == IOAPIC_BASE ||
		       (findings->cpu.apic_base && page == (findings->cpu.apic_base & PTE_ADDR)));
}

static void explain_apic(const struct findings *findings, struct say *say)
{
	uint64_t page = findings->first.event.cr2 & ~(PAGE - 1);

	say_add(say,
		"The kernel accesses the %s (register 0x%" PRIx64
		"), which its page tables do not map: ",
		page == IOAPIC_BASE ? "I/O APIC" : "local APIC",
		findings->first.event.cr2 & (PAGE - 1));
	say_page_fault(say, findings);
}

/* Another top-level table in the image, with an entry like one in use and the missing one present.
 */
static bool is_sibling(const struct findings *findings, uint64_t gpa, unsigned index)
{
	uint64_t root[512], other[512];

	if (!phys_read(&findings->evidence->mem, findings->cpu.cr3 & PTE_ADDR, root, PAGE) ||
		!phys_read(&findings->evidence->mem, gpa, other, PAGE) || !(other[index] & PTE_P))
		return false;
	for (unsigned i = 0; i < 512; i++)
		if (i != index && root[i] & PTE_P && !((root[i] ^ other[i]) & PTE_ADDR) &&
			other[i] & PTE_P)
			return true;
	return false;
}

static bool find_sibling(const struct findings *findings, uint64_t *gpa)
{
	const struct evidence *evidence = findings->evidence;
	unsigned index = rule_guilty(findings)->index;

	for (unsigned i = 0; i < evidence->region_count; i++) {
		const struct evidence_region *region = &evidence->regions[i];
		uint64_t end = region->size < SEARCH_MAX ? region->size : SEARCH_MAX;

		for (uint64_t at = -region->gpa & (PAGE - 1); at + PAGE <= end; at += PAGE)
			if (region->gpa + at != (findings->cpu.cr3 & PTE_ADDR) &&
				is_sibling(findings, region->gpa + at, index)) {
				*gpa = region->gpa + at;
				return true;
			}
	}
	return false;
}

static bool entry_missing(const struct findings *findings)
{
	uint64_t gpa;

	return rule_walk_is(findings, WALK_NOT_PRESENT) && cpu_cpl(&findings->cpu) == 0 &&
	       findings->first.walk.mode >= PAGING_4LEVEL && findings->first.walk.guilty == 0 &&
	       find_sibling(findings, &gpa);
}

static void explain_entry_missing(const struct findings *findings, struct say *say)
{
	struct symbol symbol;
	uint64_t gpa = 0;

	find_sibling(findings, &gpa);
	say_add(say,
		"%s %u is missing in the page tables in use (CR3 = 0x%" PRIx64
		") but present in another top-level table, at 0x%" PRIx64,
		walk_level_name(rule_guilty(findings)->level), rule_guilty(findings)->index,
		findings->cpu.cr3, gpa);
	if (symbols_find_address(findings->symbols, gpa, &symbol))
		say_add(say, " (%s)", symbol.name);
	say_add(say,
		": an entry that the kernel added later was not copied to this address space. ");
	say_page_fault(say, findings);
}

/* A per-CPU variable through GS or FS whose base nobody has set. */
static bool gs_base(const struct findings *findings)
{
	const struct insn_mem *mem = rule_operand(findings);

	return rule_walk_is(findings, WALK_NOT_PRESENT) && mem && cpu_long_mode(&findings->cpu) &&
	       (mem->segment == SEG_GS || mem->segment == SEG_FS) &&
	       !findings->cpu.seg[mem->segment].base && findings->first.event.cr2 < 0x100000;
}

static void explain_gs_base(const struct findings *findings, struct say *say)
{
	const struct insn_mem *mem = rule_operand(findings);

	say_add(say, "%s has base 0, so the per-CPU data that is meant is not there: ",
		mem->segment == SEG_GS ? "GS" : "FS");
	say_page_fault(say, findings);
	if (mem->segment == SEG_GS && findings->cpu.kernel_gs_base)
		say_add(say,
			" The kernel's base (0x%" PRIx64
			") is in MSR KERNEL_GS_BASE: a swapgs is missing, or there is one too "
			"many.",
			findings->cpu.kernel_gs_base);
}

static bool null_pointer(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_NOT_PRESENT) &&
	       rule_why(findings) == FAULT_OPERAND_PAGE && findings->first.event.cr2 < PAGE;
}

static void explain_null(const struct findings *findings, struct say *say)
{
	const struct insn_mem *mem = rule_operand(findings);
	bool null = !mem || mem->base == INSN_NO_REG || mem->base >= GPR_COUNT ||
	            !findings->cpu.gpr[mem->base];

	say_add(say,
		null ? "A null pointer was used: "
		     : "An address near 0 was used, as a null pointer and an offset make it: ");
	say_page_fault(say, findings);
	say_delivery(say, findings);
}

static bool mapped(const struct findings *findings, uint64_t linear)
{
	return walk_linear(&findings->evidence->mem, &findings->cpu, linear, linear_system_read)
	        .translated;
}

static bool beyond_ram(const struct findings *findings)
{
	uint64_t ram = findings->evidence->ram_low, cr2 = findings->first.event.cr2;

	return rule_walk_is(findings, WALK_NOT_PRESENT) && ram && cr2 - ram < PAGE &&
	       mapped(findings, ram - 1);
}

static void explain_beyond_ram(const struct findings *findings, struct say *say)
{
	say_add(say,
		"An access behind the last byte of RAM (the guest has 0x%" PRIx64
		" bytes), where the mapping ends too: ",
		findings->evidence->ram_low);
	say_page_fault(say, findings);
}

/* The end of the run that is mapped at its own address, from the page of RIP. */
static uint64_t identity_end(const struct findings *findings)
{
	uint64_t at = (findings->rip.address & ~(LARGE_PAGE - 1)) + LARGE_PAGE;

	for (unsigned i = 0; i < 4096; i++, at += LARGE_PAGE) {
		struct walk walk = walk_linear(
			&findings->evidence->mem, &findings->cpu, at, linear_system_read);

		if (!walk.translated || walk.gpa != at)
			break;
	}
	return at;
}

static bool beyond_map(const struct findings *findings)
{
	uint64_t cr2 = findings->first.event.cr2;

	return rule_walk_is(findings, WALK_NOT_PRESENT) && cpu_cpl(&findings->cpu) < 3 &&
	       cr2 < findings->evidence->ram_low && findings->rip.mapped &&
	       findings->rip.gpa == findings->rip.address && cr2 >= identity_end(findings);
}

static void explain_beyond_map(const struct findings *findings, struct say *say)
{
	say_add(say,
		"The page tables map memory at its own address only up to 0x%" PRIx64
		"; the RAM behind it (up to 0x%" PRIx64 ") is not mapped: ",
		identity_end(findings), findings->evidence->ram_low);
	say_page_fault(say, findings);
	say_delivery(say, findings);
}

static bool not_mapped(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_NOT_PRESENT);
}

static void explain_not_mapped(const struct findings *findings, struct say *say)
{
	say_add(say, "An access to memory that is not mapped: ");
	say_page_fault(say, findings);
	say_delivery(say, findings);
}

static bool stale_tlb(const struct findings *findings)
{
	return rule_why(findings) == FAULT_PAGE_CHANGED;
}

static void explain_stale(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_add(say,
		" at 0x%" PRIx64
		", but the page tables in memory allow that access now: they were changed after "
		"the CPU had cached the old entry (no invlpg), or after the fault.",
		findings->first.event.cr2);
}

const struct verdict_rule rules_unmapped[] = {
	{.id = "lapic-not-mapped",
		.matches = apic,
		.explain = explain_apic,
		.repair = "Map that page, uncached (PCD), before touching the device."},
	{.id = "kernel-entry-missing-in-cr3",
		.matches = entry_missing,
		.explain = explain_entry_missing,
		.repair = "Fill in all top-level entries of the kernel's half before the first "
			  "process is made, or copy late ones on a fault.",
		.infers = true},
	{.id = "gs-base-not-set",
		.matches = gs_base,
		.explain = explain_gs_base,
		.repair =
			"Write the base to MSR GS_BASE (0xc0000101) or FS_BASE, and execute swapgs "
			"exactly once on each way into and out of the kernel.",
		.infers = true},
	{.id = "null-pointer",
		.matches = null_pointer,
		.explain = explain_null,
		.repair =
			"Find out why the pointer is null. And install gates for #PF, #GP and #DF, "
			"so that the kernel can tell by itself."},
	{.id = "access-beyond-ram",
		.matches = beyond_ram,
		.explain = explain_beyond_ram,
		.repair = "Give the allocator an end: take the size of RAM from the memory map."},
	{.id = "beyond-mapped-range",
		.matches = beyond_map,
		.explain = explain_beyond_map,
		.repair = "Map that memory before using it."},
	{.id = "page-not-mapped",
		.matches = not_mapped,
		.explain = explain_not_mapped,
		.repair = "Map the page before the access, or check where the address comes from."},
	{.id = "page-tables-changed",
		.matches = stale_tlb,
		.explain = explain_stale,
		.repair = "Execute invlpg (or load CR3) after changing an entry that was present.",
		.infers = true},
	{0},
};
