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

/* In real mode, FFFF:0000 or F000:FFF0: a PC has the reset vector there, vmm zeros. */
static bool is_reset_jump(const struct findings *findings)
{
	const struct cpu_segment *cs = &findings->cpu.seg[SEG_CS];

	if (!findings->state_valid || findings->cpu.cr0 & CR0_PE ||
		findings->evidence->death == DEATH_PANIC)
		return false;
	/* Further on the IP wraps around in the same segment. */
	return (cs->selector == 0xffff && cs->base == 0xffff0) ||
	       (cs->selector == 0xf000 && cs->base == 0xf0000 && findings->cpu.rip >= 0xfff0);
}

static void explain_reset_jump(const struct findings *findings, struct say *say)
{
	say_add(say,
		"The guest rebooted on purpose: it jumped to the reset vector of a PC, physical "
		"address 0xffff0 (CS:IP = %04x:%04x). There is no BIOS behind it here, only "
		"memory without code.",
		findings->cpu.seg[SEG_CS].selector, (unsigned)(findings->cpu.rip & 0xffff));
	if (findings->panic_words[0])
		say_add(say, " The kernel's last words before were: %s", findings->panic_words);
}

/* lidt with no room for a gate, and then an instruction that needs one. */
static bool is_reboot(const struct findings *findings)
{
	if (is_reset_jump(findings))
		return true;
	if ((findings->evidence->death != DEATH_SHUTDOWN &&
		    findings->evidence->death != DEATH_KVM_INTERNAL) ||
		!findings->state_valid)
		return false;
	return findings->cpu.idtr.limit < 3 && findings->lidt_before && is_meant(findings);
}

static void explain_reboot(const struct findings *findings, struct say *say)
{
	if (is_reset_jump(findings)) {
		explain_reset_jump(findings, say);
		return;
	}
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
		.on_purpose = true,
		.infers = true},
	{0},
};
