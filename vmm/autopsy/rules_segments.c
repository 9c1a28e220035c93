/* SPDX-License-Identifier: MIT */
/*
 * rules_segments.c: selectors that cannot be loaded.
 */
#include <inttypes.h>

#include "rule.h"

static bool beyond(const struct findings *findings)
{
	return rule_why(findings) == FAULT_SELECTOR_LIMIT;
}

static void explain_beyond(const struct findings *findings, struct say *say)
{
	const struct fault_reason *reason = &findings->first.reason;

	say_first(say, findings);
	if (selector_is_ldt(reason->selector))
		say_add(say,
			": selector 0x%02x has TI (0x4) set, which makes it one of the LDT, and "
			"the LDT "
			"does not reach so far.",
			reason->selector);
	else
		say_add(say,
			": selector 0x%02x is beyond GDTR's limit of %u, which leaves room for "
			"descriptors 0x00 to 0x%02x only.",
			reason->selector, findings->cpu.gdtr.limit,
			findings->cpu.gdtr.limit >= 7 ? (findings->cpu.gdtr.limit - 7) & ~7 : 0);
	say_delivery(say, findings);
}

static void explain_reason(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_add(say, ": %s", findings->first.reason.text);
	say_delivery(say, findings);
}

static bool null(const struct findings *findings)
{
	return rule_why(findings) == FAULT_SELECTOR_NULL;
}

static bool type(const struct findings *findings)
{
	return rule_why(findings) == FAULT_SELECTOR_TYPE;
}

/* For CS, where the GDT does have code. */
static void explain_type(const struct findings *findings, struct say *say)
{
	struct desc_lookup lookup;
	uint16_t selector;

	explain_reason(findings, say);
	if (findings->first.reason.segment != SEG_CS ||
		!rule_find_code_segment(findings, &selector))
		return;
	lookup = desc_lookup(&findings->evidence->mem, &findings->cpu, selector);
	say_add(say, " Selector 0x%02x is a %s.", selector, desc_kind_name(&lookup.desc));
}

static bool privilege(const struct findings *findings)
{
	return rule_why(findings) == FAULT_SELECTOR_PRIVILEGE;
}

static bool not_present(const struct findings *findings)
{
	return rule_why(findings) == FAULT_SELECTOR_NOT_PRESENT;
}

static bool table_page(const struct findings *findings)
{
	return rule_why(findings) == FAULT_DESCRIPTOR_PAGE;
}

const struct verdict_rule rules_segments[] = {
	{.id = "selector-beyond-gdt",
		.matches = beyond,
		.explain = explain_beyond,
		.repair = "Use only selectors that the table has, and set GDTR's limit to the size "
			  "of the "
			  "GDT in bytes minus 1."},
	{.id = "selector-null",
		.matches = null,
		.explain = explain_reason,
		.repair =
			"Load a selector of a real descriptor: CS and TR never, SS only in 64-bit "
			"kernel mode may be 0."},
	{.id = "selector-wrong-type",
		.matches = type,
		.explain = explain_type,
		.repair = "Use a selector of the right kind: code for CS, writable data for SS, an "
			  "available TSS for TR."},
	{.id = "selector-privilege",
		.matches = privilege,
		.explain = explain_reason,
		.repair = "Make RPL and DPL fit the level that is switched to: 0 in the kernel, 3 "
			  "for "
			  "user segments."},
	{.id = "segment-not-present",
		.matches = not_present,
		.explain = explain_reason,
		.repair = "Set P (bit 47) in the descriptor."},
	{.id = "descriptor-table-not-mapped",
		.matches = table_page,
		.explain = explain_reason,
		.repair =
			"Map the descriptor table in every address space, and reload GDTR when its "
			"mapping moves."},
	{0},
};
