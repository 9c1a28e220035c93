/* SPDX-License-Identifier: MIT */
/*
 * cfi.c: one unwinding step by call-frame information: DWARF 5, 6.4 "Call Frame Information"
 * and 2.5 "DWARF Expressions". libdw decodes the tables, the expressions are evaluated here. Not
 * modelled: expressions that need more than registers, constants and the stack.
 */
#include <dwarf.h>
#include <stdlib.h>

#include "cfi.h"
#include "symbol_file.h"
#include "symbol_lines.h"

#define STACK_MAX 16
#define OPS_MAX   64

struct evaluation {
	const struct cfi_frame *frame;
	cfi_read_fn *read;
	const void *ctx;
	uint64_t cfa;
	bool has_cfa;
	uint64_t stack[STACK_MAX];
	unsigned depth;
};

static unsigned reg_count(const struct cfi_frame *frame)
{
	return frame->word == 8 ? 16 : 8;
}

static bool read_register(const struct evaluation *e, uint64_t number, uint64_t *value)
{
	if (number >= reg_count(e->frame))
		return false;
	*value = e->frame->reg[number];
	return e->frame->known & (1u << number);
}

static bool push(struct evaluation *e, uint64_t value)
{
	if (e->depth == STACK_MAX)
		return false;
	e->stack[e->depth++] = e->frame->word == 8 ? value : (uint32_t)value;
	return true;
}

static bool push_register(struct evaluation *e, uint64_t number, uint64_t offset)
{
	uint64_t value;

	return read_register(e, number, &value) && push(e, value + offset);
}

/* Operations on the two topmost words. */
static bool binary(struct evaluation *e, uint8_t atom)
{
	uint64_t a, b;

	if (e->depth < 2)
		return false;
	b = e->stack[--e->depth];
	a = e->stack[--e->depth];
	switch (atom) {
	case DW_OP_plus:
		return push(e, a + b);
	case DW_OP_minus:
		return push(e, a - b);
	case DW_OP_and:
		return push(e, a & b);
	case DW_OP_or:
		return push(e, a | b);
	case DW_OP_mul:
		return push(e, a * b);
	case DW_OP_shl:
		return push(e, b < 64 ? a << b : 0);
	case DW_OP_shr:
		return push(e, b < 64 ? a >> b : 0);
	case DW_OP_ge:
		return push(e, (int64_t)a >= (int64_t)b);
	case DW_OP_gt:
		return push(e, (int64_t)a > (int64_t)b);
	case DW_OP_le:
		return push(e, (int64_t)a <= (int64_t)b);
	case DW_OP_lt:
		return push(e, (int64_t)a < (int64_t)b);
	default:
		return false;
	}
}

static bool dereference(struct evaluation *e)
{
	uint64_t value;

	return e->depth && e->read(e->ctx, e->stack[--e->depth], &value) && push(e, value);
}

static bool step(struct evaluation *e, const Dwarf_Op *op)
{
	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
		return push(e, op->atom - DW_OP_lit0);
	if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
		return push_register(e, op->atom - DW_OP_breg0, op->number);
	switch (op->atom) {
	case DW_OP_bregx:
		return push_register(e, op->number, op->number2);
	case DW_OP_const1u:
	case DW_OP_const1s:
	case DW_OP_const2u:
	case DW_OP_const2s:
	case DW_OP_const4u:
	case DW_OP_const4s:
	case DW_OP_const8u:
	case DW_OP_const8s:
	case DW_OP_constu:
	case DW_OP_consts:
		return push(e, op->number);
	case DW_OP_plus_uconst:
		return e->depth && push(e, e->stack[--e->depth] + op->number);
	case DW_OP_call_frame_cfa:
		return e->has_cfa && push(e, e->cfa);
	case DW_OP_dup:
		return e->depth && push(e, e->stack[e->depth - 1]);
	case DW_OP_deref:
		return dereference(e);
	case DW_OP_stack_value:
	case DW_OP_nop:
		return true;
	default:
		return binary(e, op->atom);
	}
}

/* The value of an expression: what is on top of the stack in the end. */
static bool evaluate(struct evaluation *e, const Dwarf_Op *ops, size_t count, uint64_t *value)
{
	e->depth = 0;
	if (count > OPS_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!step(e, &ops[i]))
			return false;
	if (!e->depth)
		return false;
	*value = e->stack[e->depth - 1];
	return true;
}

enum rule { RULE_VALUE, RULE_SAME, RULE_UNDEFINED, RULE_BROKEN };

/* What a register was in the caller. */
static enum rule caller_register(
	struct evaluation *e, Dwarf_Frame *rules, unsigned number, uint64_t *value)
{
	Dwarf_Op memory[3], *ops;
	size_t count;

	if (dwarf_frame_register(rules, (int)number, memory, &ops, &count))
		return RULE_BROKEN;
	if (!count)
		return ops ? RULE_UNDEFINED : RULE_SAME;
	if (ops[0].atom >= DW_OP_reg0 && ops[0].atom <= DW_OP_reg31)
		return read_register(e, ops[0].atom - DW_OP_reg0, value) ? RULE_VALUE
		                                                         : RULE_UNDEFINED;
	if (ops[0].atom == DW_OP_regx)
		return read_register(e, ops[0].number, value) ? RULE_VALUE : RULE_UNDEFINED;
	if (!evaluate(e, ops, count, value))
		return RULE_BROKEN;
	if (ops[count - 1].atom == DW_OP_stack_value)
		return RULE_VALUE;
	return e->read(e->ctx, *value, value) ? RULE_VALUE : RULE_BROKEN;
}

static void restore_registers(struct evaluation *e, Dwarf_Frame *rules, struct cfi_frame *caller)
{
	unsigned sp = e->frame->word == 8 ? CFI_RSP_64 : CFI_ESP_32;

	for (unsigned i = 0; i < reg_count(e->frame); i++) {
		uint64_t value = e->frame->reg[i];
		enum rule rule = caller_register(e, rules, i, &value);

		if (rule == RULE_VALUE || (rule == RULE_SAME && (e->frame->known & (1u << i))))
			caller->known |= 1u << i;
		caller->reg[i] = value;
	}
	caller->reg[sp] = e->cfa;
	caller->known |= 1u << sp;
}

static enum cfi_result unwind_frame(
	struct evaluation *e, Dwarf_Frame *rules, struct cfi_frame *caller)
{
	bool signal = false;
	Dwarf_Op *ops;
	size_t count;
	int ra = dwarf_frame_info(rules, NULL, NULL, &signal);

	if (ra != (int)reg_count(e->frame))
		return CFI_NONE;
	if (dwarf_frame_cfa(rules, &ops, &count) || !evaluate(e, ops, count, &e->cfa))
		return CFI_NONE;
	e->has_cfa = true;
	switch (caller_register(e, rules, (unsigned)ra, &caller->rip)) {
	case RULE_UNDEFINED:
		return CFI_OUTERMOST;
	case RULE_VALUE:
		break;
	default:
		return CFI_NONE;
	}
	restore_registers(e, rules, caller);
	caller->exact = signal;
	return caller->rip ? CFI_UNWOUND : CFI_OUTERMOST;
}

static Dwarf_Frame *find_rules(Dwarf_CFI *cfi, uint64_t addr)
{
	Dwarf_Frame *rules = NULL;

	if (!cfi || dwarf_cfi_addrframe(cfi, addr, &rules))
		return NULL;
	return rules;
}

enum cfi_result cfi_unwind(struct symbols *symbols, uint64_t pc, cfi_read_fn *read, const void *ctx,
	struct cfi_frame *frame)
{
	struct evaluation e = {.frame = frame, .read = read, .ctx = ctx};
	struct cfi_frame caller = {.word = frame->word};
	uint64_t addr;
	struct symbol_file *file = symbols_file_at(symbols, pc, &addr);
	struct line_table *lines;
	enum cfi_result result;
	Dwarf_Frame *rules;

	if (!file || file->is64 != (frame->word == 8))
		return CFI_NONE;
	lines = symbol_file_lines(file);
	if (!lines)
		return CFI_NONE;
	rules = find_rules(line_table_eh_frame(lines), addr);
	if (!rules)
		rules = find_rules(line_table_debug_frame(lines), addr);
	if (!rules)
		return CFI_NONE;
	result = unwind_frame(&e, rules, &caller);
	free(rules);
	if (result == CFI_UNWOUND)
		*frame = caller;
	return result;
}
