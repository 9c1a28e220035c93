/* SPDX-License-Identifier: MIT */
/*
 * rules_control.c: values that a control register or an MSR does not take.
 */
#include <inttypes.h>

#include "rule.h"

static bool cr4_reserved(const struct findings *findings)
{
	return rule_why(findings) == FAULT_CONTROL_RESERVED &&
	       findings->insn.insn.op == INSN_WRITE_CR && findings->insn.insn.system_reg == 4;
}

static void explain_cr4(const struct findings *findings, struct say *say)
{
	uint64_t bits = findings->first.reason.bits;

	say_first(say, findings);
	say_add(say, ": the value 0x%" PRIx64 " has bits set that this CPU's CR4 does not have (",
		insn_gpr_value(&findings->insn.insn, &findings->cpu));
	for (unsigned i = 0, n = 0; i < 64; i++)
		if (bits >> i & 1)
			say_add(say, "%s%u", n++ ? ", " : "bit ", i);
	say_add(say, ").");
	say_delivery(say, findings);
}

static bool control(const struct findings *findings)
{
	switch (rule_why(findings)) {
	case FAULT_CONTROL_RESERVED:
	case FAULT_CONTROL_COMBINATION:
	case FAULT_PDPTE_RESERVED:
		return true;
	default:
		return false;
	}
}

static bool msr_reserved(const struct findings *findings)
{
	return rule_why(findings) == FAULT_MSR_RESERVED;
}

static bool msr_unknown(const struct findings *findings)
{
	return rule_why(findings) == FAULT_MSR_UNKNOWN;
}

static bool msr_address(const struct findings *findings)
{
	return rule_why(findings) == FAULT_MSR_NON_CANONICAL;
}

static void explain_msr(const struct findings *findings, struct say *say)
{
	const uint64_t *gpr = findings->cpu.gpr;

	say_first(say, findings);
	say_add(say, ": MSR 0x%x", (uint32_t)gpr[GPR_RCX]);
	if (findings->insn.insn.op == INSN_WRMSR)
		say_add(say, " = 0x%" PRIx64, gpr[GPR_RDX] << 32 | (uint32_t)gpr[GPR_RAX]);
	say_add(say, ". %s", findings->first.reason.text);
	say_delivery(say, findings);
}

static void explain_reason(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_add(say, ": %s", findings->first.reason.text);
	say_delivery(say, findings);
}

static bool privileged(const struct findings *findings)
{
	return rule_why(findings) == FAULT_PRIVILEGED;
}

const struct verdict_rule rules_control[] = {
	{.id = "cr4-reserved-bit",
		.matches = cr4_reserved,
		.explain = explain_cr4,
		.repair = "Set only bits of CR4 whose feature CPUID reports."},
	{.id = "control-register-value",
		.matches = control,
		.explain = explain_reason,
		.repair = "Write only values that the manual allows: SDM vol. 3, 2.5 \"Control "
			  "Registers\"."},
	{.id = "msr-reserved-bit",
		.matches = msr_reserved,
		.explain = explain_msr,
		.repair =
			"Read the MSR, change the bits that are meant, and write it back; set only "
			"bits whose feature CPUID reports."},
	{.id = "msr-unknown",
		.matches = msr_unknown,
		.explain = explain_msr,
		.repair = "Ask CPUID before using an MSR, or catch the #GP."},
	{.id = "msr-address-not-canonical",
		.matches = msr_address,
		.explain = explain_msr,
		.repair = "Write a canonical address; EDX holds its upper half."},
	{.id = "privileged-instruction",
		.matches = privileged,
		.explain = explain_reason,
		.repair = "That instruction is for privilege level 0 only."},
	{0},
};
