/* SPDX-License-Identifier: MIT */
/*
 * rules_user.c: user mode, and the way back from it to the kernel's stack.
 */
#include <inttypes.h>

#include "rule.h"

/* The delivery that switched to the stack in the TSS and failed, or NULL. */
static const struct delivery *failed_switch(const struct findings *findings)
{
	const struct delivery *delivery = rule_first_failed(findings);

	return delivery && delivery->stack == STACK_LEVEL ? delivery : NULL;
}

static bool ss0_null(const struct findings *findings)
{
	return failed_switch(findings) && failed_switch(findings)->reason == DELIVERY_SS_NULL;
}

static void explain_ss0_null(const struct findings *findings, struct say *say)
{
	say_add(say, "User code trapped (");
	say_first(say, findings);
	say_add(say, "), and the CPU wanted the kernel's stack from the TSS at ");
	say_data(say, &findings->table[TABLE_TSS].base);
	say_add(say, ", where SS0 is 0: #TS.");
}

static bool rsp0_zero(const struct findings *findings)
{
	const struct delivery *delivery = failed_switch(findings);

	return delivery && delivery->tss.status == TSS_OK && !delivery->tss.sp;
}

static void explain_rsp0_zero(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = failed_switch(findings);

	say_add(say, "User code trapped (");
	say_first(say, findings);
	if (rule_first_is(findings, VEC_PF))
		say_add(say, ", address 0x%" PRIx64, findings->first.event.cr2);
	say_add(say, "), and the CPU switched to the kernel's stack: %s%u in the TSS at ",
		delivery->mode == DELIVERY_LONG ? "RSP" : "ESP", delivery->stack_index);
	say_data(say, &findings->table[TABLE_TSS].base);
	say_add(say, " is 0, so the frame would go to 0x%" PRIx64 ".", delivery->frame);
}

static bool rsp0_bad(const struct findings *findings)
{
	const struct delivery *delivery = failed_switch(findings);

	return delivery && (delivery->reason == DELIVERY_STACK_ACCESS ||
				   delivery->reason == DELIVERY_STACK_CANONICAL);
}

static void explain_rsp0_bad(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = failed_switch(findings);
	char text[160];

	say_add(say, "User code trapped (");
	say_first(say, findings);
	if (rule_first_is(findings, VEC_PF))
		say_add(say, ", address 0x%" PRIx64, findings->first.event.cr2);
	say_add(say, "), and the kernel's stack from the TSS (%s%u = 0x%" PRIx64 ") ",
		delivery->mode == DELIVERY_LONG ? "RSP" : "ESP", delivery->stack_index,
		delivery->tss.sp);
	if (delivery->reason == DELIVERY_STACK_ACCESS)
		say_add(say, "is not writable in the page tables in use (CR3 = 0x%" PRIx64 "): %s.",
			findings->cpu.cr3,
			walk_describe(&delivery->access.walk, text, sizeof(text)));
	else
		say_add(say, "is not canonical.");
}

static bool tss_missing(const struct findings *findings)
{
	const struct delivery *delivery = failed_switch(findings);

	return delivery &&
	       (delivery->reason == DELIVERY_TSS_LIMIT || delivery->reason == DELIVERY_TSS_ACCESS ||
		       delivery->reason == DELIVERY_SS_LIMIT ||
		       delivery->reason == DELIVERY_SS_RPL || delivery->reason == DELIVERY_SS_DPL ||
		       delivery->reason == DELIVERY_SS_TYPE);
}

static void explain_tss_missing(const struct findings *findings, struct say *say)
{
	say_add(say, "User code trapped (");
	say_first(say, findings);
	say_add(say,
		"), and the TSS (TR = 0x%02x, base 0x%" PRIx64
		", limit 0x%x) gives the CPU no stack for the kernel: %s.",
		findings->cpu.tr.selector, findings->cpu.tr.base, findings->cpu.tr.limit,
		delivery_reason_text(failed_switch(findings)->reason));
	if (failed_switch(findings)->reason == DELIVERY_TSS_LIMIT)
		say_add(say, " A TSS needs a limit of 0x67 at least.");
}

static bool privileged(const struct findings *findings)
{
	enum fault_why why = rule_why(findings);

	return cpu_cpl(&findings->cpu) == 3 &&
	       (why == FAULT_PRIVILEGED || why == FAULT_IOPL || why == FAULT_IO_BITMAP);
}

static void explain_privileged(const struct findings *findings, struct say *say)
{
	say_add(say, "User code executed a privileged instruction: ");
	say_first(say, findings);
	say_add(say, ".");
	say_delivery(say, findings);
}

const struct verdict_rule rules_user[] = {
	{.id = "tss-ss0-null",
		.matches = ss0_null,
		.explain = explain_ss0_null,
		.repair = "Store the kernel's data selector in SS0 of the TSS, beside ESP0, before "
			  "going to user mode."},
	{.id = "rsp0-zero",
		.matches = rsp0_zero,
		.explain = explain_rsp0_zero,
		.repair = "Store the top of the task's kernel stack in the TSS (RSP0, ESP0) before "
			  "every return to user mode."},
	{.id = "rsp0-not-mapped",
		.matches = rsp0_bad,
		.explain = explain_rsp0_bad,
		.repair =
			"Map the kernel's stacks, writable, in the page tables of every process."},
	{.id = "tss-without-kernel-stack",
		.matches = tss_missing,
		.explain = explain_tss_missing,
		.repair = "Load TR with a TSS that holds SS0:ESP0 (RSP0 in long mode) before going "
			  "to "
			  "user mode."},
	{.id = "privileged-instruction-in-user-mode",
		.matches = privileged,
		.explain = explain_privileged,
		.repair = "Let user programs ask the kernel (system calls); and install gates for "
			  "#GP "
			  "and #DF, so that such a program ends instead of the machine."},
	{0},
};
