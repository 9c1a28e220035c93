/* SPDX-License-Identifier: MIT */
/*
 * rules_mode.c: the CPU is in another mode than the code was written for, or on its way between
 * two.
 */
#include <inttypes.h>

#include "rule.h"

/* Null in SS is what 64-bit code may load, and no other. */
static bool loads_null_stack(const struct findings *findings)
{
	return rule_why(findings) == FAULT_SELECTOR_NULL &&
	       findings->first.reason.segment == SEG_SS && cpu_cpl(&findings->cpu) == 0;
}

static bool compatibility_code(const struct findings *findings)
{
	return findings->first.source && cpu_long_mode(&findings->cpu) &&
	       !findings->cpu.seg[SEG_CS].l &&
	       (findings->code.looks_64bit || loads_null_stack(findings));
}

static void explain_compatibility_stack(const struct findings *findings, struct say *say)
{
	const struct cpu_segment *cs = &findings->cpu.seg[SEG_CS];
	struct desc_lookup now =
		desc_lookup(&findings->evidence->mem, &findings->cpu, cs->selector);

	say_add(say, "The CPU is in compatibility mode: CS (selector 0x%02x) is a %u-bit segment",
		cs->selector, cs->db ? 32 : 16);
	if (now.status == DESC_OK && desc_is_code(&now.desc) && now.desc.l)
		say_add(say, ". The GDT has a 64-bit one there, but CS was not loaded with it");
	else
		say_add(say, " (L=0, D=%u)", cs->db);
	say_add(say, ". There ");
	say_first(say, findings);
	say_add(say, ": SS gets a null selector, which only 64-bit mode allows.");
	say_delivery(say, findings);
}

static void explain_compatibility(const struct findings *findings, struct say *say)
{
	const struct cpu_segment *cs = &findings->cpu.seg[SEG_CS];

	if (!findings->code.looks_64bit) {
		explain_compatibility_stack(findings, say);
		return;
	}
	say_add(say, "Code selector 0x%02x is a %u-bit segment (L=0, D=%u), so the 64-bit code of ",
		cs->selector, cs->db ? 32 : 16, cs->db);
	say_place(say, &findings->rip);
	say_add(say, " is decoded as %u-bit code (compatibility mode)%s. There ", cs->db ? 32 : 16,
		findings->code.inside_64bit
			? "; RIP is in the middle of an instruction: its REX prefix ran as dec %eax"
			: "");
	say_first(say, findings);
	if (findings->first.has_address && rule_first_is(findings, VEC_PF))
		say_add(say, ", address 0x%" PRIx64, findings->first.event.cr2);
	say_add(say, ".");
}

static bool code64_in_32(const struct findings *findings)
{
	return findings->first.source && findings->code.looks_64bit &&
	       !cpu_long_mode(&findings->cpu) && findings->cpu.cr0 & CR0_PE;
}

static void explain_code64(const struct findings *findings, struct say *say)
{
	say_place(say, &findings->rip);
	say_add(say,
		" is 64-bit code, but the CPU is in 32-bit mode: long mode was never entered "
		"(EFER.LMA=0%s). Its REX prefixes run as inc and dec, its RIP-relative "
		"operands as absolute ones. There ",
		findings->cpu.cr0 & CR0_PG ? "" : ", CR0.PG=0");
	say_first(say, findings);
	say_add(say, ".");
}

static bool code32_in_16(const struct findings *findings)
{
	return findings->first.source && findings->code.looks_32bit && findings->cpu.cr0 & CR0_PE;
}

/* No descriptor can have given CS that selector. */
static bool cs_of_real_mode(const struct findings *findings)
{
	const struct cpu_segment *cs = &findings->cpu.seg[SEG_CS];
	struct desc_lookup lookup =
		desc_lookup(&findings->evidence->mem, &findings->cpu, cs->selector);

	return cs->base == cs->selector * 16ull &&
	       (lookup.status != DESC_OK || !desc_is_code(&lookup.desc));
}

static void repair_code32(const struct findings *findings, struct say *say)
{
	if (cs_of_real_mode(findings))
		say_add(say, "Jump far right behind the write that sets CR0.PE: ljmp $8, $label, "
			     "where selector 8 is 32-bit code (0x00cf9b000000ffff).");
	else
		say_add(say, "Set D (bit 54) in the code descriptor: 0x00cf9b000000ffff.");
}

static void explain_code32(const struct findings *findings, struct say *say)
{
	const struct cpu_segment *cs = &findings->cpu.seg[SEG_CS];

	if (cs_of_real_mode(findings))
		say_add(say,
			"CS still holds what real mode loaded (0x%02x, 16-bit code): after CR0.PE "
			"was set no far jump has loaded it anew. So the 32-bit code of ",
			cs->selector);
	else
		say_add(say,
			"Code selector 0x%02x is a 16-bit segment (D=0), so the 32-bit code of ",
			cs->selector);
	say_place(say, &findings->rip);
	say_add(say,
		" is decoded as 16-bit code: of each 32-bit constant the upper half runs as an "
		"instruction. There ");
	say_first(say, findings);
	say_add(say, ".");
}

static bool pg_without_pae(const struct findings *findings)
{
	return rule_why(findings) == FAULT_PG_WITHOUT_PAE;
}

static void explain_pg_without_pae(const struct findings *findings, struct say *say)
{
	say_place(say, &findings->rip);
	say_add(say,
		" sets CR0.PG (%s) while EFER.LME=1 and CR4.PAE=%u: long mode needs PAE, so "
		"the write raises #GP(0).",
		findings->insn_text, !!(findings->cpu.cr4 & CR4_PAE));
	say_delivery(say, findings);
}

/* The instruction behind the one that turned paging on cannot be fetched. */
static bool no_identity(const struct findings *findings)
{
	return rule_first_is(findings, VEC_PF) && rule_after_write_cr(findings, 0) &&
	       findings->paging.is_rip && rule_walk_is(findings, WALK_NOT_PRESENT);
}

static void explain_no_identity(const struct findings *findings, struct say *say)
{
	char text[160];

	say_add(say, "%s turned paging on, and the next instruction at ", findings->insn_before);
	say_place(say, &findings->rip);
	say_add(say, " (0x%" PRIx64 ") is not mapped there: %s.", findings->rip.address,
		walk_describe(&findings->first.walk, text, sizeof(text)));
	say_delivery(say, findings);
}

/* PS = 1 in the PDE that was walked as a pointer to a table because CR4.PSE is clear. */
static const struct walk_step *pse_step(const struct findings *findings)
{
	const struct walk *walk =
		findings->paging.is_rip ? &findings->paging.walk : &findings->first.walk;

	if (!rule_first_is(findings, VEC_PF) || walk->mode != PAGING_32BIT ||
		walk->step_count < 2 || !(walk->step[0].entry & PTE_PS) || walk->allowed)
		return NULL;
	return &walk->step[0];
}

static bool pse_not_enabled(const struct findings *findings)
{
	return pse_step(findings) != NULL;
}

static void explain_pse(const struct findings *findings, struct say *say)
{
	const struct walk_step *step = pse_step(findings);

	say_add(say,
		"PDE %u = 0x%" PRIx64 " is meant as a 4 MiB page (PS=1), but CR4.PSE=0, so the "
		"CPU takes it for a pointer to a page table at 0x%" PRIx64
		" and finds nothing there: ",
		step->index, step->entry, step->entry & 0xfffff000);
	say_first(say, findings);
	say_add(say, ".");
}

/* What has a cause of its own is told by that: an IDT would only have reported it. */
static bool real_mode_table(const struct findings *findings)
{
	return rule_first_failed(findings) && rule_real_mode_idt(findings) &&
	       (!findings->first.has_reason || rule_is_trap(findings));
}

static void explain_real_table(const struct findings *findings, struct say *say)
{
	say_add(say, "IDTR still describes the real-mode interrupt vector table (base 0, limit "
		     "0x3ff), but the CPU is in protected mode, where its entries are no gates. "
		     "When ");
	say_first(say, findings);
	say_add(say, ", one was needed.");
	say_delivery(say, findings);
}

const struct verdict_rule rules_mode[] = {
	{.id = "code-segment-not-long",
		.matches = compatibility_code,
		.explain = explain_compatibility,
		.repair =
			"Set L=1 and D=0 in the code descriptor (0x00af9b000000ffff), and load CS "
			"anew by a far jump or far return.",
		.infers = true},
	{.id = "code-segment-not-32bit",
		.matches = code32_in_16,
		.explain = explain_code32,
		.repair_more = repair_code32,
		.infers = true},
	{.id = "code64-in-32bit-mode",
		.matches = code64_in_32,
		.explain = explain_code64,
		.repair = "Enter long mode first: CR4.PAE, CR3, EFER.LME, CR0.PG, then a far jump "
			  "to a 64-bit code segment; or link an ELF64 image, which vmm starts in "
			  "long mode; or compile with -m32.",
		.infers = true},
	{.id = "long-mode-without-pae",
		.matches = pg_without_pae,
		.explain = explain_pg_without_pae,
		.repair = "Set CR4.PAE before CR0.PG."},
	{.id = "pse-not-enabled",
		.matches = pse_not_enabled,
		.explain = explain_pse,
		.repair = "Set CR4.PSE (bit 4) before CR0.PG, or use page tables with 4 KiB pages.",
		.infers = true},
	{.id = "paging-without-identity-map",
		.matches = no_identity,
		.explain = explain_no_identity,
		.repair = "Map the code that turns paging on at its own address too, until it has "
			  "jumped to the higher half."},
	{.id = "idt-is-real-mode-table",
		.matches = real_mode_table,
		.explain = explain_real_table,
		.repair =
			"Build an IDT of 8-byte gates (16-byte ones in long mode) and execute lidt "
			"before anything in protected mode can fault; keep interrupts off until "
			"then."},
	{0},
};
