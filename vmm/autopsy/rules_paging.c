/* SPDX-License-Identifier: MIT */
/*
 * rules_paging.c: page faults at pages that are there: rights, and entries with bits they must not
 * have.
 */
#include <inttypes.h>

#include "rule.h"

static bool nx_without_nxe(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_RESERVED_BIT) &&
	       rule_guilty(findings)->reserved == PTE_NX && !(findings->cpu.efer & EFER_NXE) &&
	       findings->paging.garbage < 4;
}

static void explain_nxe(const struct findings *findings, struct say *say)
{
	say_add(say,
		"%s %u = 0x%016" PRIx64
		" has bit 63 (no-execute) set while EFER.NXE=0, where that bit is reserved: ",
		walk_level_name(rule_guilty(findings)->level), rule_guilty(findings)->index,
		rule_guilty(findings)->entry);
	say_page_fault(say, findings);
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
	say_page_fault(say, findings);
}

static bool reserved_upper(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_RESERVED_BIT) &&
	       rule_guilty(findings)->level != WALK_PTE;
}

static bool reserved_bit(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_RESERVED_BIT);
}

static void explain_reserved(const struct findings *findings, struct say *say)
{
	const struct walk_step *step = rule_guilty(findings);

	say_add(say, "%s %u = 0x%016" PRIx64 " has reserved bits set (0x%" PRIx64 "%s): ",
		walk_level_name(step->level), step->index, step->entry, step->reserved,
		step->reserved & PTE_PS && step->level >= WALK_PDPTE
			? ", bit 7 is PS, which this level does not have here"
			: "");
	say_page_fault(say, findings);
}

static bool smep(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_SMEP);
}

static void explain_smep(const struct findings *findings, struct say *say)
{
	say_add(say, "The kernel executes a user page (U=1 on every level) with CR4.SMEP=1: ");
	say_page_fault(say, findings);
}

static bool smap(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_SMAP);
}

static void explain_smap(const struct findings *findings, struct say *say)
{
	say_add(say, "The kernel accesses a user page with CR4.SMAP=1 and RFLAGS.AC=%u: ",
		!!(findings->cpu.rflags & RFLAGS_AC));
	say_page_fault(say, findings);
}

static bool user_upper(const struct findings *findings)
{
	const struct walk *walk = &findings->first.walk;

	return rule_walk_is(findings, WALK_NOT_USER) && !rule_guilty(findings)->leaf &&
	       walk->step[walk->step_count - 1].user;
}

static void explain_user_upper(const struct findings *findings, struct say *say)
{
	const struct walk *walk = &findings->first.walk;

	say_add(say,
		"User code may not use this page although its %s says U=1, because the %s above "
		"it has U=0:",
		walk_level_name(walk->step[walk->step_count - 1].level),
		walk_level_name(rule_guilty(findings)->level));
	for (unsigned i = 0; i < walk->step_count; i++)
		say_add(say, " %s %u U=%u%s", walk_level_name(walk->step[i].level),
			walk->step[i].index, walk->step[i].user,
			i + 1 < walk->step_count ? "," : ". ");
	say_page_fault(say, findings);
}

static bool user_page(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_NOT_USER);
}

static void explain_user_page(const struct findings *findings, struct say *say)
{
	say_add(say, "User code accesses a page of the kernel: ");
	say_page_fault(say, findings);
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
	say_walk(say, findings);
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
	say_page_fault(say, findings);
	if (cpu_cpl(&findings->cpu) < 3)
		say_add(say, " CR0.WP=1 makes that count in the kernel too.");
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
	{0},
};
