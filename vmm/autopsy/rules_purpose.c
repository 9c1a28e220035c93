/* SPDX-License-Identifier: MIT */
/*
 * rules_purpose.c: endings that the guest meant.
 */
#include "rule.h"

/* Only instructions that nobody executes for another purpose: a division after lidt with a wrong
 * limit is a bug, or two. */
static bool is_meant(const struct findings *findings)
{
	switch (rule_why(findings)) {
	case FAULT_UD_INSN:
	case FAULT_BREAKPOINT_INSN:
	case FAULT_GATE:
		return true;
	default:
		return false;
	}
}

/* lidt with no room for a gate, and then an instruction that needs one. */
static bool is_reboot(const struct findings *findings)
{
	if (findings->evidence->death != DEATH_SHUTDOWN || !findings->state_valid)
		return false;
	return findings->cpu.idtr.limit < 3 && findings->lidt_before && is_meant(findings);
}

static void explain_reboot(const struct findings *findings, struct say *say)
{
	say_add(say, "The kernel rebooted on purpose: ");
	say_place(say, &findings->rip);
	say_add(say,
		" loads an IDT with limit %u, which has room for no gate, and then executes %s, so "
		"that the CPU shuts down. This is no crash.",
		findings->cpu.idtr.limit, findings->insn_text);
	if (findings->panic_words[0])
		say_add(say, " The kernel's last words before were: %s", findings->panic_words);
}

const struct verdict_rule rules_purpose[] = {
	{.id = "reboot-on-purpose",
		.matches = is_reboot,
		.explain = explain_reboot,
		.repair = "Nothing to repair here. To end the machine without a triple fault, "
			  "write 0x2000 to port 0x604 (ACPI power off).",
		.on_purpose = true},
	{0},
};
