/* SPDX-License-Identifier: MIT */
/*
 * rules_paging.c: page faults told by what stopped the walk.
 */
#include <inttypes.h>
#include <string.h>

#include "rule.h"

#define PAGE        UINT64_C(4096)
#define LARGE_PAGE  0x200000ull
#define IOAPIC_BASE 0xfec00000ull
#define SEARCH_MAX  0x1000000ull /* bytes of the image that are searched for other page tables */

static void say_walk(const struct findings *findings, struct say *say)
{
	char text[160];

	say_add(say, " (%s)", walk_describe(&findings->first.walk, text, sizeof(text)));
}

static void say_fault(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_operand_registers(say, findings);
	say_add(say, " at ");
	say_data(say, &findings->first.address);
	say_walk(findings, say);
	say_add(say, ".");
}

static const struct walk_step *guilty(const struct findings *findings)
{
	return &findings->first.walk.step[findings->first.walk.guilty];
}

static bool nx_without_nxe(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_RESERVED_BIT) && guilty(findings)->reserved == PTE_NX &&
	       !(findings->cpu.efer & EFER_NXE) && findings->paging.garbage < 4;
}

static void explain_nxe(const struct findings *findings, struct say *say)
{
	say_add(say,
		"%s %u = 0x%016" PRIx64
		" has bit 63 (no-execute) set while EFER.NXE=0, where that bit is reserved: ",
		walk_level_name(guilty(findings)->level), guilty(findings)->index,
		guilty(findings)->entry);
	say_fault(findings, say);
}

static bool table_garbage(const struct findings *findings)
{
	return rule_first_is(findings, VEC_PF) && findings->paging.stops &&
	       findings->paging.garbage >= 4;
}

static void explain_garbage(const struct findings *findings, struct say *say)
{
	say_add(say, "The page table at ");
	say_data(say, &findings->paging.table);
	say_add(say,
		" was not cleared before use: %u of its entries have physical address bits that "
		"this CPU does not have (MAXPHYADDR %u), as only rubbish does. ",
		findings->paging.garbage, findings->cpu.facts.maxphyaddr);
	say_fault(findings, say);
}

static bool reserved_upper(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_RESERVED_BIT) && guilty(findings)->level != WALK_PTE;
}

static bool reserved_bit(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_RESERVED_BIT);
}

static void explain_reserved(const struct findings *findings, struct say *say)
{
	const struct walk_step *step = guilty(findings);

	say_add(say, "%s %u = 0x%016" PRIx64 " has reserved bits set (0x%" PRIx64 "%s): ",
		walk_level_name(step->level), step->index, step->entry, step->reserved,
		step->reserved & PTE_PS && step->level >= WALK_PDPTE
			? ", bit 7 is PS, which this level does not have here"
			: "");
	say_fault(findings, say);
}

static bool smep(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_SMEP);
}

static void explain_smep(const struct findings *findings, struct say *say)
{
	say_add(say, "The kernel executes a user page (U=1 on every level) with CR4.SMEP=1: ");
	say_fault(findings, say);
}

static bool smap(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_SMAP);
}

static void explain_smap(const struct findings *findings, struct say *say)
{
	say_add(say, "The kernel accesses a user page with CR4.SMAP=1 and RFLAGS.AC=%u: ",
		!!(findings->cpu.rflags & RFLAGS_AC));
	say_fault(findings, say);
}

static bool user_upper(const struct findings *findings)
{
	const struct walk *walk = &findings->first.walk;

	return rule_walk_is(findings, WALK_NOT_USER) && !guilty(findings)->leaf &&
	       walk->step[walk->step_count - 1].user;
}

static void explain_user_upper(const struct findings *findings, struct say *say)
{
	const struct walk *walk = &findings->first.walk;

	say_add(say,
		"User code may not use this page although its %s says U=1, because the %s above "
		"it has U=0:",
		walk_level_name(walk->step[walk->step_count - 1].level),
		walk_level_name(guilty(findings)->level));
	for (unsigned i = 0; i < walk->step_count; i++)
		say_add(say, " %s %u U=%u%s", walk_level_name(walk->step[i].level),
			walk->step[i].index, walk->step[i].user,
			i + 1 < walk->step_count ? "," : ". ");
	say_fault(findings, say);
}

static bool user_page(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_NOT_USER);
}

static void explain_user_page(const struct findings *findings, struct say *say)
{
	say_add(say, "User code accesses a page of the kernel: ");
	say_fault(findings, say);
}

static bool no_execute(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_NO_EXECUTE);
}

static void explain_no_execute(const struct findings *findings, struct say *say)
{
	say_add(say, "The CPU fetches an instruction from ");
	say_data(say, &findings->first.address);
	say_add(say, ", which is mapped no-execute");
	say_walk(findings, say);
	say_add(say, ".");
	if (findings->code.from_call) {
		say_add(say, " It was called from ");
		say_place(say, &findings->code.caller);
		say_add(say, ".");
	}
	say_delivery(say, findings);
}

static bool read_only(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_NOT_WRITABLE);
}

static void explain_read_only(const struct findings *findings, struct say *say)
{
	say_add(say, "A write to read-only memory: ");
	say_fault(findings, say);
	if (cpu_cpl(&findings->cpu) < 3)
		say_add(say, " CR0.WP=1 makes that count in the kernel too.");
}

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
	say_fault(findings, say);
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
	unsigned index = guilty(findings)->index;

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
		walk_level_name(guilty(findings)->level), guilty(findings)->index,
		findings->cpu.cr3, gpa);
	if (symbols_find_address(findings->symbols, gpa, &symbol))
		say_add(say, " (%s)", symbol.name);
	say_add(say,
		": an entry that the kernel added later was not copied to this address space. ");
	say_fault(findings, say);
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
	say_fault(findings, say);
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
	say_fault(findings, say);
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
	say_fault(findings, say);
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
	say_fault(findings, say);
	say_delivery(say, findings);
}

static bool not_mapped(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_NOT_PRESENT);
}

static void explain_not_mapped(const struct findings *findings, struct say *say)
{
	say_add(say, "An access to memory that is not mapped: ");
	say_fault(findings, say);
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

const struct verdict_rule rules_paging[] = {
	{.id = "nx-without-nxe",
		.matches = nx_without_nxe,
		.explain = explain_nxe,
		.repair = "Set EFER.NXE (bit 11 of MSR 0xc0000080) on every CPU before using bit "
			  "63."},
	{.id = "page-table-garbage",
		.matches = table_garbage,
		.explain = explain_garbage,
		.repair = "Clear every page that becomes a page table.",
		.infers = true},
	{.id = "reserved-bit-upper-level",
		.matches = reserved_upper,
		.explain = explain_reserved,
		.repair =
			"Give entries that point to a table no more than present, writable and "
			"user (0x7): PS (bit 7) belongs into a PDE (2 or 4 MiB), or a PDPTE where "
			"CPUID has 1 GiB pages."},
	{.id = "reserved-bit",
		.matches = reserved_bit,
		.explain = explain_reserved,
		.repair = "Clear the reserved bits of that entry: an address beyond MAXPHYADDR, or "
			  "flags shifted into the wrong place."},
	{.id = "smep-user-code",
		.matches = smep,
		.explain = explain_smep,
		.repair = "Clear U in the mapping of kernel code, or do not call user code in the "
			  "kernel."},
	{.id = "smap-user-access",
		.matches = smap,
		.explain = explain_smap,
		.repair = "Put stac and clac around accesses to user memory."},
	{.id = "user-bit-missing-upper-level",
		.matches = user_upper,
		.explain = explain_user_upper,
		.repair = "Set U on every level down to the page: the levels are ANDed."},
	{.id = "user-accesses-kernel-page",
		.matches = user_page,
		.explain = explain_user_page,
		.repair =
			"If the page belongs to the program, map it with U=1; else the program is "
			"wrong, and the kernel should end it in its #PF handler."},
	{.id = "fetch-from-nx-page",
		.matches = no_execute,
		.explain = explain_no_execute,
		.repair =
			"Clear NX in the mapping of code that was made at run time, or do not call "
			"into data."},
	{.id = "write-to-read-only",
		.matches = read_only,
		.explain = explain_read_only,
		.repair = "Do not write there, or make the object writable data."},
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
