/* SPDX-License-Identifier: MIT */
/*
 * rules_idt.c: the kernel has good gates, but not where the CPU looks for them: the limit ends
 * before them, the base leads elsewhere, something was written over them.
 */
#include <inttypes.h>
#include <string.h>

#include "findings_parts.h"
#include "rule.h"

static void when_needed(const struct findings *findings, struct say *say)
{
	say_add(say, " It was needed when ");
	say_first(say, findings);
	say_add(say, ".");
}

static bool protected_mode(const struct findings *findings)
{
	return findings->cpu.cr0 & CR0_PE;
}

/* The entry as it would be without the limit. */
static struct gate_lookup beyond_limit(const struct findings *findings, uint8_t vector)
{
	struct cpu_state cpu = findings->cpu;

	cpu.idtr.limit = 0xffff;
	return gate_lookup(&findings->evidence->mem, &cpu, vector);
}

static bool limit_too_small(const struct findings *findings)
{
	const struct delivery *delivery = rule_first_failed(findings);
	struct gate_lookup gate;

	if (!delivery || delivery->reason != DELIVERY_IDT_LIMIT || !protected_mode(findings))
		return false;
	gate = beyond_limit(findings, delivery->event.vector);
	return gate.status == GATE_OK && findings_gate_is_good(findings, &gate.gate);
}

static void explain_limit(const struct findings *findings, struct say *say)
{
	uint8_t vector = rule_first_failed(findings)->event.vector;
	struct gate_lookup gate = beyond_limit(findings, vector);
	struct place handler = findings_place(findings, gate.gate.offset);
	unsigned limit = findings->cpu.idtr.limit, size = gate_size(&findings->cpu);

	say_add(say, "The limit of the IDT is too small: IDTR has base ");
	say_data(say, &findings->table[TABLE_IDT].base);
	say_add(say, " and limit %u, ", limit);
	if (limit + 1 < size)
		say_add(say, "which is not even one gate of %u bytes", size);
	else
		say_add(say, "which ends after entry %u", (limit + 1) / size - 1);
	say_add(say, ", but entry %u, at 0x%" PRIx64 ", is a good gate (handler ", vector,
		gate.address);
	say_place(say, &handler);
	say_add(say, ") and beyond it.");
	when_needed(findings, say);
}

static void repair_limit(const struct findings *findings, struct say *say)
{
	unsigned size = gate_size(&findings->cpu);

	say_add(say,
		"Let lidt load the size of the table in bytes minus 1 as limit: %u for 256 gates "
		"of %u bytes.",
		256 * size - 1, size);
}

/* lidt of the table instead of the structure that names it: limit and base are the first bytes of
 * gate 0 of the table that begins at *idt. */
static bool find_loaded_table(const struct findings *findings, uint64_t *idt)
{
	const struct cpu_table *idtr = &findings->cpu.idtr;
	size_t base_size = cpu_code_bits(&findings->cpu) == 64 ? 8 : 4;
	uint8_t gate[10], loaded[10];

	memcpy(loaded, &idtr->limit, 2);
	memcpy(loaded + 2, &idtr->base, 8);
	return findings_find_idt(findings, rule_first_failed(findings)->event.vector, idt) &&
	       linear_read(&findings->evidence->mem, &findings->cpu, *idt, gate, 2 + base_size,
		       linear_system_read)
	                       .status == LINEAR_OK &&
	       !memcmp(gate, loaded, 2 + base_size);
}

static bool table_as_pointer(const struct findings *findings)
{
	uint64_t idt;

	return rule_first_failed(findings) && protected_mode(findings) &&
	       find_loaded_table(findings, &idt);
}

static void explain_table_as_pointer(const struct findings *findings, struct say *say)
{
	struct place place;
	uint64_t idt = 0;

	find_loaded_table(findings, &idt);
	place = findings_place(findings, idt);
	say_add(say,
		"IDTR was loaded from the IDT itself instead of from its descriptor: limit 0x%x "
		"and base 0x%" PRIx64 " are the first bytes of gate 0 at ",
		findings->cpu.idtr.limit, findings->cpu.idtr.base);
	say_data(say, &place);
	say_add(say, ".");
	when_needed(findings, say);
}

/* Does the table that IDTR names hold any gate at all? */
static bool has_gates(const struct findings *findings)
{
	for (unsigned vector = 0; vector < 256; vector++) {
		struct gate_lookup gate =
			gate_lookup(&findings->evidence->mem, &findings->cpu, (uint8_t)vector);

		if (gate.status == GATE_OK && findings_gate_is_good(findings, &gate.gate))
			return true;
	}
	return false;
}

/* IDTR leads to a table that was made for it, and that only nobody has filled. */
static bool is_empty_table(const struct findings *findings)
{
	const struct table_finding *table = &findings->table[TABLE_IDT];
	const struct symbol *symbol = &table->base.symbol;

	return table->zero && (table->in_bss || (table->base.has_symbol && !symbol->offset &&
							symbol->size >= table->size));
}

static bool base_wrong(const struct findings *findings)
{
	const struct delivery *delivery = rule_first_failed(findings);
	uint64_t linear;

	if (!delivery || !protected_mode(findings) || !rule_own_table(findings, TABLE_IDT))
		return false;
	if (delivery->reason != DELIVERY_GATE_TYPE && delivery->reason != DELIVERY_IDT_ACCESS &&
		delivery->reason != DELIVERY_GATE_NOT_PRESENT)
		return false;
	return !is_empty_table(findings) && !has_gates(findings) &&
	       findings_find_idt(findings, delivery->event.vector, &linear) &&
	       linear != findings->cpu.idtr.base;
}

/* lidt took its base from behind a limit that has padding behind it. */
static bool is_padded_base(const struct findings *findings, uint64_t base)
{
	if (cpu_code_bits(&findings->cpu) == 64)
		return findings->cpu.idtr.base == base << 48;
	return findings->cpu.idtr.base == (uint32_t)(base << 16);
}

static void explain_base(const struct findings *findings, struct say *say)
{
	uint64_t linear = 0;
	struct place idt;

	findings_find_idt(findings, rule_first_failed(findings)->event.vector, &linear);
	idt = findings_place(findings, linear);
	say_add(say, "The base of the IDT is wrong: IDTR has base ");
	say_data(say, &findings->table[TABLE_IDT].base);
	say_add(say, ", where no gate is, while a row of good gates begins at ");
	say_data(say, &idt);
	if (is_padded_base(findings, linear))
		say_add(say, "; what lidt loaded looks like that address with padding between "
			     "limit and base");
	else if (findings->cpu.idtr.base == (uint32_t)linear)
		say_add(say, "; IDTR has the low 32 bits of that address");
	say_add(say, ".");
	when_needed(findings, say);
}

/* What leads to the beginning of a function was made as a gate, if a wrong one. */
static bool is_made_gate(const struct findings *findings, const struct gate_finding *bad)
{
	struct gate gate = gate_decode(bad->now, gate_size(&findings->cpu));
	struct place handler = findings_place(findings, gate.offset);

	return handler.has_symbol && !handler.symbol.offset && handler.has_segment &&
	       handler.segment.executable;
}

static bool overwritten(const struct findings *findings)
{
	const struct gate_finding *bad = &findings->bad_gate;

	return protected_mode(findings) && bad->was_good && !is_made_gate(findings, bad);
}

static void explain_overwritten(const struct findings *findings, struct say *say)
{
	const struct gate_finding *bad = &findings->bad_gate;
	struct place handler = findings_place(findings, bad->good.offset);

	say_add(say,
		"IDT entry %u, at 0x%" PRIx64 ", was overwritten: it was a good gate (handler ",
		bad->vector, bad->address);
	say_place(say, &handler);
	say_add(say, "; %s) and is", bad->proof);
	for (unsigned i = bad->good.size; i--;)
		say_add(say, "%s%02x", i == bad->good.size - 1 ? " 0x" : "", bad->now[i]);
	say_add(say, " now.");
	say_writer(say, findings);
	when_needed(findings, say);
	say_delivery(say, findings);
}

/* lgdt or lidt of a structure that the compiler has padded: 0, 0 and the low word of the address
 * are taken for the base. */
static bool padded_pointer(const struct findings *findings)
{
	const struct insn *insn = &findings->insn.insn;
	uint64_t base = 0;
	uint8_t bytes[16];

	if (rule_why(findings) != FAULT_TABLE_NON_CANONICAL || insn->mem_count != 1 ||
		!insn->mem[0].resolved || cpu_code_bits(&findings->cpu) != 64 ||
		linear_read(&findings->evidence->mem, &findings->cpu, insn->mem[0].linear, bytes,
			sizeof(bytes), linear_system_read)
				.status != LINEAR_OK)
		return false;
	memcpy(&base, bytes + 8, 8);
	return !bytes[2] && !bytes[3] && !bytes[4] && !bytes[5] && !bytes[6] && !bytes[7] && base &&
	       linear_canonical(&findings->cpu, base);
}

static void explain_padded(const struct findings *findings, struct say *say)
{
	const struct insn *insn = &findings->insn.insn;
	struct place base;
	uint64_t word = 0;

	findings_word(findings, insn->mem[0].linear + 8, &word);
	base = findings_place(findings, word);
	say_first(say, findings);
	say_add(say,
		": %s The structure has six bytes of padding behind the limit, and then the "
		"address that is meant, ",
		findings->first.reason.text);
	say_data(say, &base);
	say_add(say, "; the CPU wants it right behind the two bytes of the limit.");
}

const struct verdict_rule rules_idt[] = {
	{.id = "table-pointer-padded",
		.matches = padded_pointer,
		.explain = explain_padded,
		.repair = "Declare the structure for lidt and lgdt packed "
			  "(__attribute__((packed))): two bytes of limit, then at once the base.",
		.infers = true},
	{.id = "idtr-from-table",
		.matches = table_as_pointer,
		.explain = explain_table_as_pointer,
		.repair = "Give lidt the address of a packed structure of two bytes of limit (the "
			  "table's size minus 1) and the table's address, not the address of the "
			  "table.",
		.infers = true},
	{.id = "idt-overwritten",
		.matches = overwritten,
		.explain = explain_overwritten,
		.repair = "Keep the IDT's memory for the IDT alone: look at what lies before it, "
			  "and bound what is written there."},
	{.id = "idt-limit-too-small",
		.matches = limit_too_small,
		.explain = explain_limit,
		.repair_more = repair_limit},
	{.id = "idt-base-wrong",
		.matches = base_wrong,
		.explain = explain_base,
		.repair = "Put the linear address of the first gate into bytes 2 and up of what "
			  "lidt loads, right behind the limit (a packed structure), with all its "
			  "bits.",
		.infers = true},
	{0},
};
