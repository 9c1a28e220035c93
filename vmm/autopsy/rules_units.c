/* SPDX-License-Identifier: MIT */
/*
 * rules_units.c: units and instructions that are switched off, that the CPU does not have, or that
 * have wishes of their own.
 */
#include <inttypes.h>

#include "rule.h"

static bool uses(const struct findings *findings, unsigned flags)
{
	return findings->insn.decoded == INSN_OK && findings->insn.insn.flags & flags;
}

static bool sse_off(const struct findings *findings)
{
	return rule_why(findings) == FAULT_SSE_NO_OSFXSR ||
	       (rule_why(findings) == FAULT_UNIT_EMULATED && uses(findings, INSN_SSE));
}

static void explain_sse(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	if (rule_why(findings) == FAULT_SSE_NO_OSFXSR)
		say_add(say, ": it uses SSE registers, and CR4.OSFXSR is 0.");
	else
		say_add(say, ": it uses SSE registers, and CR0.EM is 1.");
	say_delivery(say, findings);
}

static bool avx_off(const struct findings *findings)
{
	return rule_why(findings) == FAULT_NO_OSXSAVE;
}

static bool fpu_off(const struct findings *findings)
{
	return rule_why(findings) == FAULT_UNIT_EMULATED;
}

static bool fpu_switched(const struct findings *findings)
{
	return rule_why(findings) == FAULT_UNIT_SWITCHED;
}

static bool misaligned(const struct findings *findings)
{
	return rule_why(findings) == FAULT_OPERAND_MISALIGNED;
}

static void explain_misaligned(const struct findings *findings, struct say *say)
{
	const struct insn_mem *mem = rule_operand(findings);

	say_first(say, findings);
	say_operand_registers(say, findings);
	if (mem && mem->align)
		say_add(say,
			": its operand at 0x%" PRIx64
			" is %u mod %u and must be aligned to %u bytes",
			mem->linear, (unsigned)(mem->linear % mem->align), mem->align, mem->align);
	if (mem && (mem->base == GPR_RSP || mem->base == GPR_RBP))
		say_add(say, "; it lies on the stack, which was not 16-byte aligned at the call");
	say_add(say, ".");
	say_delivery(say, findings);
}

static bool not_in_cpuid(const struct findings *findings)
{
	return rule_why(findings) == FAULT_NOT_IN_CPUID;
}

static bool syscall_off(const struct findings *findings)
{
	return rule_why(findings) == FAULT_SYSCALL_OFF;
}

static bool wrong_place(const struct findings *findings)
{
	switch (rule_why(findings)) {
	case FAULT_FSGSBASE_OFF:
	case FAULT_WRONG_PLACE:
	case FAULT_NOT_IN_64BIT_MODE:
	case FAULT_NOT_IN_REAL_MODE:
	case FAULT_COUNTER_OFF:
	case FAULT_UMIP:
		return true;
	default:
		return false;
	}
}

static bool no_instruction(const struct findings *findings)
{
	switch (rule_why(findings)) {
	case FAULT_INVALID_OPCODE:
	case FAULT_BAD_LOCK:
	case FAULT_TOO_LONG:
		return true;
	default:
		return false;
	}
}

static void explain_no_instruction(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_add(say, ": the bytes there are no instruction:");
	for (unsigned i = 0; findings->code.readable && i < 8; i++)
		say_add(say, " %02x", findings->code.bytes[i]);
	say_add(say, ".");
	if (findings->code.from_call) {
		say_add(say, " The return address on the stack is behind the call at ");
		say_place(say, &findings->code.caller);
		say_add(say, ".");
	}
	say_delivery(say, findings);
}

static bool float_error(const struct findings *findings)
{
	return rule_why(findings) == FAULT_FLOATING_POINT;
}

static void explain_reason(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_add(say, ": %s", findings->first.reason.text);
	say_delivery(say, findings);
}

const struct verdict_rule rules_units[] = {
	{.id = "sse-disabled",
		.matches = sse_off,
		.explain = explain_sse,
		.repair =
			"Set CR4.OSFXSR and CR4.OSXMMEXCPT and clear CR0.EM before such code runs, "
			"or compile with -mgeneral-regs-only (32-bit: -march=i686 -mno-sse)."},
	{.id = "sse-misaligned",
		.matches = misaligned,
		.explain = explain_misaligned,
		.repair = "Align RSP to 16 bytes before every call into compiled code (after the "
			  "call it is 8 mod 16)."},
	{.id = "avx-disabled",
		.matches = avx_off,
		.explain = explain_reason,
		.repair =
			"Set CR4.OSXSAVE and enable the state in XCR0 (xsetbv) where CPUID has it, "
			"or compile with -mno-avx."},
	{.id = "fpu-disabled",
		.matches = fpu_off,
		.explain = explain_reason,
		.repair = "Clear CR0.EM and set CR0.MP, then execute fninit."},
	{.id = "fpu-task-switched",
		.matches = fpu_switched,
		.explain = explain_reason,
		.repair = "Clear CR0.TS (clts), or handle #NM by restoring the task's FPU state."},
	{.id = "instruction-not-in-cpuid",
		.matches = not_in_cpuid,
		.explain = explain_reason,
		.repair = "Ask CPUID before using that instruction, or compile for an older CPU."},
	{.id = "syscall-disabled",
		.matches = syscall_off,
		.explain = explain_reason,
		.repair = "Set EFER.SCE (bit 0 of MSR 0xc0000080), STAR, LSTAR and SFMASK first."},
	{.id = "instruction-not-here",
		.matches = wrong_place,
		.explain = explain_reason,
		.repair =
			"Enable what the instruction needs in the control registers, or do not use "
			"it in this mode."},
	{.id = "not-an-instruction",
		.matches = no_instruction,
		.explain = explain_no_instruction,
		.repair =
			"Check what led there: a wild jump, overwritten code, or code for another "
			"mode of the CPU."},
	{.id = "floating-point-error",
		.matches = float_error,
		.explain = explain_reason,
		.repair =
			"Mask floating-point exceptions (fninit, MXCSR = 0x1f80), or handle them."},
	{0},
};
