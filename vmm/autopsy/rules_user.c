/* SPDX-License-Identifier: MIT */
/*
 * rules_user.c: user mode, and the way back from it to the kernel's stack.
 */
#include <inttypes.h>

#include "findings_parts.h"
#include "names.h"
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

/* The gate that int n asks for and user code may not use: it is one, and its DPL is below 3. */
static bool kernel_gate(const struct findings *findings, struct gate *gate)
{
	const struct insn *insn = &findings->insn.insn;
	struct gate_lookup found;

	if (!findings->state_valid || findings->insn.decoded != INSN_OK || insn->op != INSN_INT ||
		cpu_cpl(&findings->cpu) != 3 || !findings->insn.count ||
		findings->insn.reasons[0].why != FAULT_GATE ||
		(!findings->first.source && !findings->handled))
		return false;
	found = gate_lookup(&findings->evidence->mem, &findings->cpu, (uint8_t)insn->imm);
	*gate = found.gate;
	return found.status == GATE_OK && found.gate.present && found.gate.dpl < 3 &&
	       (found.gate.kind == GATE_INTERRUPT || found.gate.kind == GATE_TRAP) &&
	       findings_gate_is_good(findings, gate);
}

static bool gate_dpl(const struct findings *findings)
{
	struct gate gate;

	return kernel_gate(findings, &gate);
}

static void explain_gate_dpl(const struct findings *findings, struct say *say)
{
	const struct fault_reason *reason = &findings->insn.reasons[0];
	struct place handler;
	struct gate gate;
	char text[160];

	kernel_gate(findings, &gate);
	handler = findings_place(findings, gate.offset);
	say_add(say, "User code at ");
	say_place(say, &findings->rip);
	say_add(say, " executes %s, but that gate (handler ", findings->insn_text);
	say_place(say, &handler);
	say_add(say,
		", type byte 0x%02x) has DPL %u, so only the kernel may use it by int: a CPU "
		"raises #GP (error code 0x%x: %s).",
		gate.raw[5], gate.dpl, reason->error,
		exception_error_text(VEC_GP, reason->error, text, sizeof(text)));
	say_delivery(say, findings);
}

static void repair_gate_dpl(const struct findings *findings, struct say *say)
{
	struct gate gate;

	kernel_gate(findings, &gate);
	say_add(say,
		"Give the gate that user programs call the kernel by DPL 3: type byte 0x%02x "
		"instead of 0x%02x.",
		gate.raw[5] | 0x60, gate.raw[5]);
}

const struct verdict_rule rules_user[] = {
	{.id = "gate-not-for-user",
		.matches = gate_dpl,
		.explain = explain_gate_dpl,
		.repair_more = repair_gate_dpl,
		.infers = true},
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
