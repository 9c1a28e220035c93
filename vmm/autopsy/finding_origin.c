/* SPDX-License-Identifier: MIT */
/*
 * finding_origin.c: where the register got its value that the first fault is about.
 */
#include "findings_parts.h"

#include <string.h>

#define STACK_NEAR 4096u

bool findings_is_text(uint64_t value, char *buf, size_t n)
{
	size_t letters = 0;

	for (unsigned i = 0; i < 8; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * i);

		if (byte < ' ' || byte > '~')
			break;
		if (letters + 1 < n)
			buf[letters] = (char)byte;
		letters++;
	}
	buf[letters < n ? letters : n - 1] = 0;
	/* Behind the end of a string there are zeros. */
	return letters >= 4 && (letters == 8 || value >> 8 * letters == 0);
}

/* The register that the fault is about, or INSN_NO_REG. */
static int bad_register(const struct findings *findings)
{
	const struct fault_reason *reason = &findings->first.reason;
	const struct insn *insn = &findings->insn.insn;

	if (reason->operand >= 0 && (unsigned)reason->operand < insn->mem_count)
		return insn->mem[reason->operand].base;
	if (insn->target_mem >= 0 && (unsigned)insn->target_mem < insn->mem_count)
		return insn->mem[insn->target_mem].base;
	return reason->reg;
}

/* The load in the instructions before that gave reg its value. */
static bool find_load(const struct findings *findings, int reg, const struct insn_mem **from)
{
	for (unsigned i = 0; i < findings->past_count; i++) {
		const struct insn *insn = &findings->past[i];

		if (insn->op == INSN_CALL)
			return false;
		if (!insn->has_gpr || insn->gpr != reg)
			continue;
		if (insn->mem_count != 1 || !insn->mem[0].read || insn->mem[0].write ||
			!insn->mem[0].resolved || strncmp(insn->mnemonic, "mov", 3) != 0)
			return false;
		*from = &insn->mem[0];
		return true;
	}
	return false;
}

/* A stack begins within a page above linear. */
static bool find_stack_above(const struct findings *findings, uint64_t linear, struct place *stack)
{
	struct symbol symbol;

	for (uint64_t i = 8; i <= STACK_NEAR; i += 8) {
		if (!symbols_find_address(findings->symbols, linear + i, &symbol) ||
			symbol.offset || !strstr(symbol.name, "stack"))
			continue;
		*stack = findings_place(findings, linear + i);
		return true;
	}
	return false;
}

void findings_origin(struct findings *findings)
{
	struct origin_finding *origin = &findings->origin;
	const struct insn_mem *from;
	struct insn call;
	char text[16];

	if (!findings->first.has_reason || findings->insn.decoded != INSN_OK)
		return;
	origin->reg = bad_register(findings);
	if (origin->reg < 0 || origin->reg >= GPR_COUNT ||
		!find_load(findings, origin->reg, &from) ||
		!findings_word(findings, from->linear, &origin->value))
		return;
	origin->found = origin->value == findings->cpu.gpr[origin->reg];
	if (!origin->found)
		return;
	origin->at = findings_place(findings, from->linear);
	origin->is_return = findings_call_before(findings, origin->value, &call);
	origin->is_text = findings_is_text(origin->value, text, sizeof(text));
	origin->below_stack = find_stack_above(findings, from->linear, &origin->stack);
}
