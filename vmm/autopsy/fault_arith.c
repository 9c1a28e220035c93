/* SPDX-License-Identifier: MIT */
/*
 * fault_arith.c: exceptions that the values of an instruction raise, and those that are its
 * purpose: SDM vol. 2, "DIV—Unsigned Divide", "IDIV—Signed Divide", "AAM", "BOUND", "INTO", vol.
 * 3, 6.15. The state of the x87 and SSE units is not known: for their exceptions only a guess is
 * made.
 */
#include "fault_rules.h"

#include <string.h>

typedef unsigned __int128 u128;

/* The divisor, zero-extended, and its size. */
static bool divisor(const struct fault_scene *scene, uint64_t *value, unsigned *bits)
{
	const struct insn *insn = scene->insn;

	if (insn->mem_count) {
		*bits = insn->mem[0].size * 8;
		return fault_read_operand(scene, 0, value);
	}
	*bits = insn->gpr_bytes * 8u;
	*value = insn_gpr_value(insn, scene->cpu);
	return insn->has_gpr;
}

/* AX, DX:AX, EDX:EAX or RDX:RAX, zero-extended. */
static u128 dividend(const struct cpu_state *cpu, unsigned bits)
{
	uint64_t low = cpu->gpr[GPR_RAX], high = cpu->gpr[GPR_RDX];
	uint64_t mask = bits == 64 ? UINT64_MAX : (1ull << bits) - 1;

	if (bits == 8)
		return low & 0xffff;
	return (u128)(high & mask) << bits | (low & mask);
}

static bool unsigned_overflow(u128 value, uint64_t by, unsigned bits)
{
	return value / by >> bits != 0;
}

/* Division of magnitudes: the quotient must lie in [-2^(bits-1), 2^(bits-1) - 1]. */
static bool signed_overflow(u128 value, uint64_t by, unsigned bits)
{
	unsigned wide = bits * 2;
	bool value_negative = value >> (wide - 1) & 1, by_negative = by >> (bits - 1) & 1;
	u128 mask = wide == 128 ? ~(u128)0 : ((u128)1 << wide) - 1;
	u128 magnitude = value_negative ? -value & mask : value;
	uint64_t by_magnitude =
		by_negative ? -by & (bits == 64 ? UINT64_MAX : (1ull << bits) - 1) : by;
	u128 quotient = magnitude / by_magnitude, limit = (u128)1 << (bits - 1);

	return value_negative == by_negative ? quotient >= limit : quotient > limit;
}

static void check_divide(struct fault_scene *scene)
{
	bool is_signed = scene->insn->op == INSN_IDIV;
	uint64_t by;
	unsigned bits;
	u128 value;

	if (!divisor(scene, &by, &bits) || (bits != 8 && bits != 16 && bits != 32 && bits != 64))
		return;
	value = dividend(scene->cpu, bits);
	if (!by)
		fault_say(fault_add(scene, FAULT_DIVIDE_BY_ZERO, VEC_DE), "%s divides by zero.",
			scene->insn->mnemonic);
	else if (is_signed ? signed_overflow(value, by, bits) : unsigned_overflow(value, by, bits))
		fault_say(fault_add(scene, FAULT_DIVIDE_OVERFLOW, VEC_DE),
			"%s: the quotient of 0x%llx%016llx and 0x%llx does not fit into %u bits.",
			scene->insn->mnemonic, (unsigned long long)(value >> 64),
			(unsigned long long)value, (unsigned long long)by, bits);
}

/* Bounds and index are signed: SDM vol. 2, "BOUND—Check Array Index Against Bounds". */
static void check_bound(struct fault_scene *scene)
{
	const struct insn *insn = scene->insn;
	unsigned width = insn->gpr_bytes;
	int32_t index, low, high;
	uint8_t bytes[8];

	if (!insn->mem_count || (width != 2 && width != 4) ||
		!fault_read(scene, insn->mem[0].linear, bytes, 2 * width))
		return;
	if (width == 2) {
		index = (int16_t)insn_gpr_value(insn, scene->cpu);
		low = (int16_t)(bytes[0] | bytes[1] << 8);
		high = (int16_t)(bytes[2] | bytes[3] << 8);
	} else {
		index = (int32_t)insn_gpr_value(insn, scene->cpu);
		memcpy(&low, bytes, 4);
		memcpy(&high, bytes + 4, 4);
	}
	if (index < low || index > high)
		fault_say(fault_add(scene, FAULT_BOUND, VEC_BR),
			"bound: %d is not within %d and %d.", index, low, high);
}

/* Guessed, never certain: MXCSR and the x87 status are not part of the state. */
static void check_floating_point(struct fault_scene *scene)
{
	struct fault_reason *reason;

	if (scene->insn->flags & INSN_X87) {
		reason = fault_add(scene, FAULT_FLOATING_POINT, VEC_MF);
		fault_say(
			reason, "An unmasked x87 exception of an earlier instruction is pending.");
	} else if (scene->insn->flags & (INSN_SSE | INSN_AVX)) {
		reason = fault_add(scene, FAULT_FLOATING_POINT, VEC_XM);
		fault_say(reason, "%s raised a floating-point exception that MXCSR does not mask.",
			scene->insn->mnemonic);
	} else {
		return;
	}
	reason->certain = false;
}

/* #DB of earlier instructions and of breakpoints, as DR6 tells: SDM vol. 3, 17.2.3 "Debug Status
 * Register (DR6)". */
static void check_debug(struct fault_scene *scene)
{
	uint64_t dr6 = scene->cpu->dr[6];
	struct fault_reason *reason;

	if (!(dr6 & 0xe00f))
		return;
	reason = fault_add(scene, FAULT_DEBUG, VEC_DB);
	reason->certain = false;
	reason->bits = dr6 & 0xe00f;
	if (dr6 & (1u << 14))
		fault_say(reason, "The instruction before was single-stepped: DR6.BS is 1.");
	else if (dr6 & (1u << 13))
		fault_say(reason, "A debug register was accessed while DR7.GD was 1.");
	else if (dr6 & (1u << 15))
		fault_say(reason, "A task switch with the debug trap flag: DR6.BT is 1.");
	else
		fault_say(reason, "A hardware breakpoint was hit: DR6 is 0x%llx.",
			(unsigned long long)dr6);
}

void fault_check_arithmetic(struct fault_scene *scene)
{
	const struct insn *insn = scene->insn;

	switch (insn->op) {
	case INSN_DIV:
	case INSN_IDIV:
		check_divide(scene);
		break;
	case INSN_AAM:
		if (insn->has_imm && !(insn->imm & 0xff))
			fault_say(fault_add(scene, FAULT_DIVIDE_BY_ZERO, VEC_DE),
				"aam divides by zero.");
		break;
	case INSN_BOUND:
		check_bound(scene);
		break;
	case INSN_INTO:
		if (scene->cpu->rflags & RFLAGS_OF)
			fault_say(fault_add(scene, FAULT_OVERFLOW_TRAP, VEC_OF),
				"into finds RFLAGS.OF set.");
		break;
	case INSN_INT3:
		fault_say(fault_add(scene, FAULT_BREAKPOINT_INSN, VEC_BP), "int3 is a breakpoint.");
		break;
	case INSN_INT1:
		fault_say(
			fault_add(scene, FAULT_BREAKPOINT_INSN, VEC_DB), "int1 raises #DB always.");
		break;
	default:
		break;
	}
	check_floating_point(scene);
	check_debug(scene);
}
