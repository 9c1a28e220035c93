/* SPDX-License-Identifier: MIT */
/*
 * rule.c: questions that the rules of several themes ask about the findings.
 */
#include "rule.h"

#include <string.h>

#include "findings_parts.h"

enum fault_why rule_why(const struct findings *findings)
{
	const struct first_event *first = &findings->first;

	return first->source && first->has_reason ? first->reason.why : FAULT_UNKNOWN;
}

bool rule_first_is(const struct findings *findings, uint8_t vector)
{
	const struct first_event *first = &findings->first;

	return first->source && first->is_exception && first->event.vector == vector;
}

bool rule_walk_is(const struct findings *findings, enum walk_reason reason)
{
	return rule_first_is(findings, VEC_PF) && findings->first.has_walk &&
	       findings->first.walk.reason == reason;
}

const struct walk_step *rule_guilty(const struct findings *findings)
{
	return &findings->first.walk.step[findings->first.walk.guilty];
}

const struct delivery *rule_failed(const struct findings *findings, enum delivery_reason reason)
{
	const struct first_event *first = &findings->first;

	if (!first->source || !first->has_chain || !first->chain_fits)
		return NULL;
	for (unsigned i = 0; i < first->chain.count; i++)
		if (first->chain.links[i].delivery.reason == reason &&
			first->chain.links[i].delivery.outcome == DELIVERY_FAILED)
			return &first->chain.links[i].delivery;
	return NULL;
}

const struct delivery *rule_first_failed(const struct findings *findings)
{
	const struct first_event *first = &findings->first;
	const struct delivery *delivery = &first->chain.links[0].delivery;

	if (!first->source || !first->has_chain || !first->chain_fits || !first->chain.count)
		return NULL;
	return delivery->outcome == DELIVERY_FAILED ? delivery : NULL;
}

bool rule_own_table(const struct findings *findings, enum table_kind kind)
{
	const struct evidence *evidence = findings->evidence;
	const struct table_finding *table = &findings->table[kind];

	if (!table->loaded)
		return false;
	/* By linear address: the table need not be mapped any more. */
	for (unsigned i = 0; i < evidence->region_count; i++)
		if (evidence->regions[i].monitor &&
			table->base.address - evidence->regions[i].linear <
				evidence->regions[i].size)
			return false;
	return true;
}

bool rule_real_mode_idt(const struct findings *findings)
{
	const struct cpu_state *cpu = &findings->cpu;

	return cpu->cr0 & CR0_PE && !cpu->idtr.base && cpu->idtr.limit == 0x3ff;
}

bool rule_find_code_segment(const struct findings *findings, uint16_t *selector)
{
	for (unsigned at = 8; at <= 0xfff8 && at + 7 <= findings->cpu.gdtr.limit; at += 8) {
		struct desc_lookup lookup =
			desc_lookup(&findings->evidence->mem, &findings->cpu, (uint16_t)at);

		if (lookup.status != DESC_OK || !lookup.desc.s || !lookup.desc.present ||
			!desc_is_code(&lookup.desc))
			continue;
		if (selector)
			*selector = (uint16_t)at;
		return true;
	}
	return false;
}

bool rule_gate_is_zero(const struct delivery *delivery)
{
	if (delivery->gate.status != GATE_OK)
		return false;
	for (unsigned i = 0; i < delivery->gate.gate.size && i < 16; i++)
		if (delivery->gate.gate.raw[i])
			return false;
	return true;
}

bool rule_is_trap(const struct findings *findings)
{
	switch (rule_why(findings)) {
	case FAULT_UD_INSN:
	case FAULT_BREAKPOINT_INSN:
	case FAULT_OVERFLOW_TRAP:
	case FAULT_BOUND:
	case FAULT_DEBUG:
	case FAULT_DIVIDE_BY_ZERO:
	case FAULT_DIVIDE_OVERFLOW:
	case FAULT_GATE:
		return true;
	default:
		return false;
	}
}

const struct insn_mem *rule_operand(const struct findings *findings)
{
	const struct fault_reason *reason = &findings->first.reason;

	if (!findings->first.source || !findings->first.has_reason || reason->operand < 0 ||
		findings->insn.decoded != INSN_OK ||
		(unsigned)reason->operand >= findings->insn.insn.mem_count)
		return NULL;
	return &findings->insn.insn.mem[reason->operand];
}

bool rule_after_write_cr(const struct findings *findings, unsigned cr)
{
	return findings->before_known && findings->before.op == INSN_WRITE_CR &&
	       findings->before.system_reg == cr;
}

bool rule_is_stack_access(const struct findings *findings)
{
	const struct insn_mem *mem = rule_operand(findings);

	return mem &&
	       (mem->kind == INSN_MEM_STACK || (mem->base == GPR_RSP && mem->index == INSN_NO_REG));
}

bool rule_is_text(uint64_t value, char *buf, size_t n)
{
	return findings_is_text(value, buf, n);
}

bool rule_gpa(const struct findings *findings, uint64_t linear, uint64_t *gpa)
{
	struct walk walk =
		walk_linear(&findings->evidence->mem, &findings->cpu, linear, linear_system_read);

	*gpa = walk.gpa;
	return walk.allowed;
}

bool rule_is_pvm(const struct findings *findings)
{
	return findings->evidence->kvm && strstr(findings->evidence->kvm, "pvm");
}

bool rule_frame_ss_is_good(const struct findings *findings, const struct frame_finding *frame)
{
	struct desc_lookup lookup;

	if (selector_is_null(frame->ss))
		return cpu_long_mode(&findings->cpu);
	if (frame->ss == findings->cpu.seg[SEG_SS].selector)
		return true;
	lookup = desc_lookup(&findings->evidence->mem, &findings->cpu, frame->ss);
	return lookup.status == DESC_OK && desc_is_writable(&lookup.desc);
}
