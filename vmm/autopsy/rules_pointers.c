/* SPDX-License-Identifier: MIT */
/*
 * rules_pointers.c: memory operands whose address can be no address.
 */
#include <inttypes.h>

#include "rule.h"

static bool bad_address(const struct findings *findings)
{
	return rule_why(findings) == FAULT_OPERAND_NON_CANONICAL;
}

/* What fills a word with one byte, and what is known to use it: a static clause, or NULL. 0 and ff
 * are a null pointer and -1. */
static const char *filler(uint64_t value)
{
	uint8_t byte = (uint8_t)value;

	if (value != byte * 0x0101010101010101ull || !byte || byte == 0xff)
		return NULL;
	switch (byte) {
	case 0x6b:
	case 0xdd:
		return "which allocators write over memory that is freed";
	case 0x5a:
	case 0xcc:
	case 0xcd:
		return "which allocators and debuggers write to memory that nobody has set yet";
	case 0xa5:
	case 0xaa:
	case 0xbb:
	case 0xfd:
	case 0xfe:
		return "which allocators and debuggers write to memory that is free or no object's";
	default:
		return "as memory that was filled with one byte";
	}
}

static const char *filled_register(const struct findings *findings, int *reg)
{
	const struct insn_mem *mem = rule_operand(findings);

	if (!mem)
		return NULL;
	*reg = mem->base;
	return *reg >= 0 && *reg < GPR_COUNT ? filler(findings->cpu.gpr[*reg]) : NULL;
}

static bool pointer_is_filler(const struct findings *findings)
{
	int reg;

	return (bad_address(findings) || rule_walk_is(findings, WALK_NOT_PRESENT)) &&
	       filled_register(findings, &reg);
}

static void explain_filler(const struct findings *findings, struct say *say)
{
	int reg = INSN_NO_REG;
	const char *what = filled_register(findings, &reg);

	say_first(say, findings);
	say_operand_registers(say, findings);
	say_add(say,
		": that is no address but eight times the byte 0x%02x, %s. The pointer comes from ",
		(uint8_t)findings->cpu.gpr[reg], what);
	if (findings->origin.found)
		say_data(say, &findings->origin.at);
	else
		say_add(say, "memory");
	say_add(say, " that was freed or filled, or was never set.");
	say_writer(say, findings);
	say_delivery(say, findings);
}

/* The pointer that is text, in a register of the operand. */
static bool text_register(const struct findings *findings, int *reg, char *text, size_t n)
{
	const struct insn_mem *mem = rule_operand(findings);

	if (!mem)
		return false;
	*reg = mem->base;
	return *reg >= 0 && *reg < GPR_COUNT && rule_is_text(findings->cpu.gpr[*reg], text, n);
}

static bool pointer_is_text(const struct findings *findings)
{
	char text[16];
	int reg;

	return (bad_address(findings) || rule_walk_is(findings, WALK_NOT_PRESENT)) &&
	       text_register(findings, &reg, text, sizeof(text)) &&
	       findings->cpu.gpr[reg] > 0xffffffffu;
}

static void explain_text(const struct findings *findings, struct say *say)
{
	char text[16] = "";
	int reg = INSN_NO_REG;

	text_register(findings, &reg, text, sizeof(text));
	say_first(say, findings);
	say_operand_registers(say, findings);
	say_add(say, ": that is the text \"%s\", not an address", text);
	if (findings->origin.found) {
		say_add(say, ". It was read from ");
		say_data(say, &findings->origin.at);
	}
	say_add(say,
		": a string was written over the pointer, as from a neighbouring block that is "
		"written beyond its end.");
	say_writer(say, findings);
	say_delivery(say, findings);
}

static bool origin_writer(const struct findings *findings, uint64_t *gpa, uint64_t *size)
{
	*size = 8;
	return findings->origin.found && rule_gpa(findings, findings->origin.at.address, gpa);
}

static void explain_noncanonical(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_operand_registers(say, findings);
	say_add(say,
		": the address 0x%" PRIx64
		" is not canonical, so no page table was asked and CR2 says nothing about it",
		findings->first.reason.address);
	if (findings->origin.found) {
		say_add(say, ". The register was loaded from ");
		say_data(say, &findings->origin.at);
	}
	say_add(say, ".");
	say_delivery(say, findings);
}

static bool beyond_limit(const struct findings *findings)
{
	return rule_why(findings) == FAULT_OPERAND_LIMIT ||
	       rule_why(findings) == FAULT_OPERAND_SEGMENT ||
	       rule_why(findings) == FAULT_FETCH_LIMIT;
}

static void explain_reason(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_operand_registers(say, findings);
	say_add(say, ": %s", findings->first.reason.text);
	say_delivery(say, findings);
}

static bool alignment(const struct findings *findings)
{
	return rule_why(findings) == FAULT_ALIGNMENT_CHECK;
}

const struct verdict_rule rules_pointers[] = {
	{.id = "pointer-is-filler",
		.matches = pointer_is_filler,
		.explain = explain_filler,
		.repair = "Find who still uses an object that was freed, or has not filled it in: "
			  "--watch the memory that the pointer was read from.",
		.writer = origin_writer,
		.infers = true},
	{.id = "pointer-is-text",
		.matches = pointer_is_text,
		.explain = explain_text,
		.repair = "Bound the copy that wrote the string.",
		.writer = origin_writer,
		.infers = true},
	{.id = "noncanonical-pointer",
		.matches = bad_address,
		.explain = explain_noncanonical,
		.repair = "Check how the pointer was computed: an offset between physical and "
			  "virtual "
			  "addresses added twice, or an overwritten variable."},
	{.id = "segment-limit",
		.matches = beyond_limit,
		.explain = explain_reason,
		.repair = "Load the segment registers with flat segments (base 0, limit 4 GiB), or "
			  "keep the offset within the limit."},
	{.id = "alignment-check",
		.matches = alignment,
		.explain = explain_reason,
		.repair = "Align the operand, or clear RFLAGS.AC or CR0.AM."},
	{0},
};
