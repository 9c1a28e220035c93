/* SPDX-License-Identifier: MIT */
/*
 * rules_tables.c: the kernel has an IDT, GDT or TSS of its own, so it meant to handle the
 * exception, and the table is wrong.
 */
#include <inttypes.h>
#include <string.h>

#include "rule.h"

/* A table that was made for another mode, and not by the kernel: nothing in it is the kernel's
 * mistake. */
static bool foreign_idt(const struct findings *findings)
{
	return rule_real_mode_idt(findings) || findings->stale_boot_idt;
}

/* As rule_first_failed() and rule_failed(), but what is left from real mode is no table of the
 * kernel's own, whatever its bytes look like. */
static const struct delivery *first_failed(const struct findings *findings)
{
	return foreign_idt(findings) ? NULL : rule_first_failed(findings);
}

static const struct delivery *failed(const struct findings *findings, enum delivery_reason reason)
{
	return foreign_idt(findings) ? NULL : rule_failed(findings, reason);
}

static void when_first(const struct findings *findings, struct say *say)
{
	say_add(say, " It was needed when ");
	say_first(say, findings);
	say_add(say, ".");
}

static bool idt_not_mapped(const struct findings *findings)
{
	const struct delivery *delivery = first_failed(findings);

	return delivery && delivery->reason == DELIVERY_IDT_ACCESS && !findings->paging.is_rip;
}

static void explain_idt_not_mapped(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = first_failed(findings);
	char text[160];

	say_add(say, "The IDT (IDTR base ");
	say_data(say, &findings->table[TABLE_IDT].base);
	say_add(say, ") is not mapped in the page tables in use (CR3 = 0x%" PRIx64 "): %s.",
		findings->cpu.cr3, walk_describe(&delivery->access.walk, text, sizeof(text)));
	if (!findings->table[TABLE_GDT].readable)
		say_add(say, " Nor is the GDT (base 0x%" PRIx64 ").", findings->cpu.gdtr.base);
	when_first(findings, say);
}

/* An 8-byte gate where this mode's table has 16-byte ones: the raw bytes make two of them. */
static bool half_gates(const struct delivery *delivery)
{
	struct gate low, high;

	if (delivery->gate.status != GATE_OK || delivery->gate.gate.size != 16)
		return false;
	low = gate_decode(delivery->gate.gate.raw, 8);
	high = gate_decode(delivery->gate.gate.raw + 8, 8);
	return low.present && high.present && low.selector == high.selector && low.selector &&
	       (low.kind == GATE_INTERRUPT || low.kind == GATE_TRAP) &&
	       (high.kind == GATE_INTERRUPT || high.kind == GATE_TRAP);
}

static const struct delivery *half_gate_delivery(const struct findings *findings)
{
	const struct first_event *first = &findings->first;

	if (!first->source || !first->has_chain || !first->chain_fits || foreign_idt(findings))
		return NULL;
	for (unsigned i = 0; i < first->chain.count; i++)
		if (half_gates(&first->chain.links[i].delivery))
			return &first->chain.links[i].delivery;
	return NULL;
}

static bool idt_half_gates(const struct findings *findings)
{
	return half_gate_delivery(findings) != NULL;
}

static void explain_half_gates(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = half_gate_delivery(findings);

	say_add(say, "The IDT at ");
	say_data(say, &findings->table[TABLE_IDT].base);
	say_add(say,
		" holds 8-byte gates of protected mode, but in long mode a gate has 16 bytes: "
		"entry %u is made of two of them, which gives it the handler address 0x%" PRIx64
		".",
		delivery->event.vector, delivery->gate.gate.offset);
	when_first(findings, say);
}

static bool gate_not_present(const struct findings *findings)
{
	const struct delivery *delivery = first_failed(findings);

	return delivery && delivery->reason == DELIVERY_GATE_NOT_PRESENT &&
	       delivery->gate.gate.offset;
}

static void explain_gate_not_present(const struct findings *findings, struct say *say)
{
	const struct gate *gate = &first_failed(findings)->gate.gate;

	say_add(say,
		"IDT entry %u is filled in (handler 0x%" PRIx64
		", type byte 0x%02x) but its present bit is clear.",
		findings->first.event.vector, gate->offset, gate->raw[5]);
	when_first(findings, say);
	say_delivery(say, findings);
}

static bool gate_selector(const struct findings *findings)
{
	const struct delivery *delivery = first_failed(findings);

	if (!delivery)
		return false;
	switch (delivery->reason) {
	case DELIVERY_CS_TYPE:
		return delivery->target.desc.low != 0 && delivery->target.desc.s;
	case DELIVERY_CS_NULL:
	case DELIVERY_CS_NOT_64BIT:
	case DELIVERY_CS_NOT_PRESENT:
	case DELIVERY_CS_DPL:
	case DELIVERY_CS_NO_LDT:
		return true;
	default:
		return false;
	}
}

static void explain_gate_selector(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = first_failed(findings);

	say_add(say, "IDT entry %u names selector 0x%02x", delivery->event.vector,
		delivery->gate.gate.selector);
	if (delivery->target.status == DESC_OK)
		say_add(say, ", which is a %s in the current GDT",
			desc_kind_name(&delivery->target.desc));
	say_add(say, ": %s.", delivery_reason_text(delivery->reason));
	when_first(findings, say);
	say_delivery(say, findings);
}

/* The gates name a code segment that the GDT does not reach, or has zeros for. */
static bool gdt_lacks_code(const struct findings *findings)
{
	return failed(findings, DELIVERY_CS_LIMIT) ||
	       (failed(findings, DELIVERY_CS_TYPE) &&
		       !failed(findings, DELIVERY_CS_TYPE)->target.desc.low);
}

static void explain_gdt_lacks(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = failed(findings, DELIVERY_CS_LIMIT);

	if (!delivery)
		delivery = failed(findings, DELIVERY_CS_TYPE);
	say_add(say,
		"The handlers' code selector 0x%02x is not in the current GDT (base 0x%" PRIx64
		", limit 0x%x)%s.",
		delivery->gate.gate.selector, findings->cpu.gdtr.base, findings->cpu.gdtr.limit,
		findings->table[TABLE_GDT].zero        ? ", which is all zeros"
		: delivery->reason == DELIVERY_CS_TYPE ? ": that descriptor is empty"
						       : "");
	when_first(findings, say);
	say_delivery(say, findings);
}

static bool gdt_not_mapped(const struct findings *findings)
{
	const struct delivery *delivery = first_failed(findings);

	return delivery && delivery->reason == DELIVERY_CS_ACCESS;
}

static void explain_gdt_not_mapped(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = first_failed(findings);
	char text[160];

	say_add(say, "The GDT (base ");
	say_data(say, &findings->table[TABLE_GDT].base);
	say_add(say, ") is not mapped in the page tables in use: %s.",
		walk_describe(&delivery->access.walk, text, sizeof(text)));
	when_first(findings, say);
}

/* A gate whose handler address cannot be executed at all. */
static const struct delivery *dead_handler(const struct findings *findings)
{
	const struct first_event *first = &findings->first;

	if (!first->source || !first->has_chain || foreign_idt(findings))
		return NULL;
	for (unsigned i = 0; i < first->chain.count; i++) {
		const struct delivery *delivery = &first->chain.links[i].delivery;

		if (delivery->outcome == DELIVERY_DONE &&
			(delivery->fetch == FETCH_FAULT || delivery->fetch == FETCH_OUTSIDE_RAM))
			return delivery;
	}
	return NULL;
}

static bool offset_zero(const struct findings *findings)
{
	const struct delivery *delivery = dead_handler(findings);

	return delivery && delivery->handler_rip < 4096 && !findings->paging.is_rip;
}

static bool offset_bad(const struct findings *findings)
{
	const struct delivery *delivery = dead_handler(findings);

	return (delivery || failed(findings, DELIVERY_OFFSET_CANONICAL)) &&
	       !findings->paging.is_rip;
}

/* Code of the upper half, whose address was stored with 32 bits. */
static bool lacks_upper_half(
	const struct findings *findings, uint64_t offset, struct place *handler)
{
	*handler = findings_place(findings, offset | 0xffffffff00000000);
	return gate_size(&findings->cpu) == 16 && offset <= UINT32_MAX && offset >> 31 &&
	       handler->mapped && handler->has_segment && handler->segment.executable;
}

static void explain_offset(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = dead_handler(findings);
	struct place handler;
	char text[160];

	if (!delivery)
		delivery = failed(findings, DELIVERY_OFFSET_CANONICAL);
	say_add(say, "IDT entry %u is present but its handler is at address 0x%" PRIx64,
		delivery->event.vector, delivery->gate.gate.offset);
	if (delivery->outcome == DELIVERY_DONE)
		say_add(say,
			", where nothing can be executed (%s): the handler's first fetch faults, "
			"and that fault has the same handler, until the stack is used up",
			walk_describe(&delivery->fetch_access.walk, text, sizeof(text)));
	else
		say_add(say, ", which is not canonical");
	say_add(say, ".");
	if (lacks_upper_half(findings, delivery->gate.gate.offset, &handler)) {
		say_add(say, " That is 0x%" PRIx64 " (", handler.address);
		say_place(say, &handler);
		say_add(say, ") without its upper 32 bits.");
	}
	when_first(findings, say);
}

static bool tss_half(const struct findings *findings)
{
	return findings->first.source && findings->insn.decoded == INSN_OK &&
	       findings->insn.insn.op == INSN_LTR && cpu_long_mode(&findings->cpu) &&
	       rule_first_is(findings, VEC_GP) && findings->first.reason.has_descriptor &&
	       findings->first.reason.descriptor.wide &&
	       (findings->first.reason.descriptor.high >> 32) != 0;
}

static void explain_tss_half(const struct findings *findings, struct say *say)
{
	const struct desc *desc = &findings->first.reason.descriptor;

	say_first(say, findings);
	say_add(say,
		": in long mode a TSS descriptor has 16 bytes, but only 8 were reserved at "
		"selector 0x%02x, so the next descriptor (0x%016" PRIx64
		") is read as its upper half, whose type field must be 0.",
		findings->first.reason.selector, desc->high);
	say_delivery(say, findings);
}

const struct verdict_rule rules_tables[] = {
	{.id = "tss-descriptor-8-bytes",
		.matches = tss_half,
		.explain = explain_tss_half,
		.repair =
			"Reserve two GDT slots for the TSS descriptor, and count both in the GDT's "
			"limit.",
		.infers = true},
	{.id = "idt-not-mapped",
		.matches = idt_not_mapped,
		.explain = explain_idt_not_mapped,
		.repair = "Reload IDTR, GDTR and TR with addresses that stay mapped (higher half) "
			  "before the old mapping goes, and map them in every address space."},
	{.id = "idt-8-byte-gates",
		.matches = idt_half_gates,
		.explain = explain_half_gates,
		.repair =
			"Use 16-byte gates in long mode: offset 15:0, selector, IST, type, offset "
			"31:16, offset 63:32, reserved.",
		.infers = true},
	{.id = "gate-not-present",
		.matches = gate_not_present,
		.explain = explain_gate_not_present,
		.repair =
			"Set bit 7 of the gate's type byte: 0x8e for an interrupt gate, 0x8f for a "
			"trap gate."},
	{.id = "gate-selector-not-code",
		.matches = gate_selector,
		.explain = explain_gate_selector,
		.repair =
			"Put the kernel's code selector into every gate; after a new GDT, fill the "
			"gates anew."},
	{.id = "gate-selector-not-in-gdt",
		.matches = gdt_lacks_code,
		.explain = explain_gdt_lacks,
		.repair = "Make the GDT hold the selector that the gates use, with a limit that "
			  "includes it, and leave its memory alone."},
	{.id = "gdt-not-mapped",
		.matches = gdt_not_mapped,
		.explain = explain_gdt_not_mapped,
		.repair =
			"Map the GDT in every address space, and reload GDTR with an address that "
			"stays mapped."},
	{.id = "gate-offset-zero",
		.matches = offset_zero,
		.explain = explain_offset,
		.repair = "Fill in the handler's address: a weak or undefined symbol, or a table "
			  "that "
			  "was never filled, gives 0."},
	{.id = "gate-offset-bad",
		.matches = offset_bad,
		.explain = explain_offset,
		.repair = "Check how the handler's address is split over the gate's three offset "
			  "fields, and that the handler is mapped."},
	{0},
};
