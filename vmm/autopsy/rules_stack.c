/* SPDX-License-Identifier: MIT */
/*
 * rules_stack.c: stacks that overflow, that are not there, or that the TSS does not have.
 */
#include <inttypes.h>

#include "names.h"
#include "rule.h"

#define TSS_LIMIT 0x67u /* of the smallest TSS: SDM vol. 3, 8.2.2 "TSS Descriptor" */

static void say_overflow(const struct findings *findings, struct say *say)
{
	const struct stack_finding *stack = &findings->stack;

	say_add(say, "Kernel stack overflow in ");
	say_place(say, &findings->rip);
	if (stack->recursion) {
		say_add(say, ", by recursion (the call at ");
		say_place(say, &stack->recursion_at);
		say_add(say, " has left its return address on the stack again and again)");
	}
	say_add(say, ": %s", stack->how_overflow);
	if (findings->first.has_address) {
		say_add(say, " (address 0x%" PRIx64 ", ", findings->first.address.address);
		say_stack_pointer(say, findings);
		say_add(say, ")");
	}
	say_add(say, ".");
}

/* A delivery that took its stack from the interrupt stack table and failed. */
static const struct delivery *failed_ist(const struct findings *findings)
{
	const struct first_event *first = &findings->first;

	if (!first->source || !first->has_chain || !first->chain_fits)
		return NULL;
	for (unsigned i = 0; i < first->chain.count; i++) {
		const struct delivery *delivery = &first->chain.links[i].delivery;

		if (delivery->outcome == DELIVERY_FAILED && delivery->stack == STACK_IST)
			return delivery;
	}
	return NULL;
}

static bool ist_without_tss(const struct findings *findings)
{
	return failed_ist(findings) && !rule_own_table(findings, TABLE_TSS);
}

static void say_ist_gate(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = failed_ist(findings);

	if (findings->stack.overflow) {
		say_overflow(findings, say);
		say_add(say, " ");
	} else {
		say_first(say, findings);
		say_add(say, ". ");
	}
	say_add(say, "The gate of ");
	say_vector(say, delivery->event.vector);
	say_add(say, " asks for the stack IST%u", delivery->stack_index);
}

static void explain_ist_without_tss(const struct findings *findings, struct say *say)
{
	say_ist_gate(findings, say);
	say_add(say,
		", but the kernel has loaded no TSS of its own (TR = 0x%02x, ltr was never "
		"executed), so there is no such stack.",
		findings->cpu.tr.selector);
}

static bool ist_empty(const struct findings *findings)
{
	const struct delivery *delivery = failed_ist(findings);

	return delivery && delivery->tss.status == TSS_OK && !delivery->tss.sp;
}

static void explain_ist_empty(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = failed_ist(findings);

	say_ist_gate(findings, say);
	say_add(say, ", but IST%u in the TSS at ", delivery->stack_index);
	say_data(say, &findings->table[TABLE_TSS].base);
	say_add(say, " is 0: the frame would go to 0x%" PRIx64 ".", delivery->frame);
}

static bool tss_short(const struct findings *findings)
{
	const struct delivery *delivery = failed_ist(findings);

	return delivery && delivery->reason == DELIVERY_TSS_LIMIT &&
	       findings->cpu.tr.limit < TSS_LIMIT;
}

static void explain_tss_short(const struct findings *findings, struct say *say)
{
	say_ist_gate(findings, say);
	say_add(say,
		" of the TSS at 0x%" PRIx64 ", but the limit of the TSS, 0x%x, ends before it.",
		findings->cpu.tr.base, findings->cpu.tr.limit);
}

static bool ist_bad(const struct findings *findings)
{
	return failed_ist(findings) != NULL;
}

static void explain_ist_bad(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = failed_ist(findings);

	say_ist_gate(findings, say);
	say_add(say, " = 0x%" PRIx64 ", which cannot take the frame: %s.", delivery->tss.sp,
		delivery_reason_text(delivery->reason));
}

/* After a mov to CR3 the stack is gone. */
static bool cr3_lacks_stack(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_NOT_PRESENT) && rule_is_stack_access(findings) &&
	       findings->cr3_before && !findings->stack.guard;
}

static void explain_cr3_lacks_stack(const struct findings *findings, struct say *say)
{
	char text[160];

	say_add(say,
		"The page tables that were just loaded (CR3 = 0x%" PRIx64
		") do not map the current stack: ",
		findings->cpu.cr3);
	say_first(say, findings);
	say_add(say, " at 0x%" PRIx64 " (%s), and the frame of that exception has no place either.",
		findings->first.event.cr2,
		walk_describe(&findings->first.walk, text, sizeof(text)));
}

/* Nothing was ever pushed: RSP is where the stack begins in memory, not where it ends. */
static bool starts_at_bottom(const struct findings *findings)
{
	const struct stack_finding *stack = &findings->stack;
	uint8_t words[64];

	if (!stack->guard || stack->recursion ||
		findings->cpu.gpr[GPR_RSP] != stack->bottom.address ||
		linear_read(&findings->evidence->mem, &findings->cpu, stack->bottom.address, words,
			sizeof(words), linear_system_read)
				.status != LINEAR_OK)
		return false;
	for (unsigned i = 0; i < sizeof(words); i++)
		if (words[i])
			return false;
	return rule_is_stack_access(findings);
}

static void explain_at_bottom(const struct findings *findings, struct say *say)
{
	say_add(say, "%s points to the lowest byte of the stack, ",
		stack_pointer_title(&findings->cpu));
	say_data(say, &findings->stack.bottom);
	say_add(say, ", where nothing was ever pushed, and the page below it is not mapped: ");
	say_first(say, findings);
	say_add(say, " at 0x%" PRIx64 ".", findings->first.event.cr2);
}

static bool overflow_guard(const struct findings *findings)
{
	const struct stack_finding *stack = &findings->stack;

	return stack->guard && (stack->above_is_stack || stack->recursion) &&
	       rule_is_stack_access(findings);
}

static void explain_overflow_guard(const struct findings *findings, struct say *say)
{
	say_overflow(findings, say);
	say_add(say, " The stack's lowest byte is ");
	say_data(say, &findings->stack.bottom);
	say_add(say, ".");
	if (rule_failed(findings, DELIVERY_STACK_ACCESS))
		say_add(say, " The frames of #PF and #DF go to the same stack (no IST), so they "
			     "cannot be pushed.");
	else
		say_delivery(say, findings);
}

static bool silent_pointer(const struct findings *findings)
{
	const struct origin_finding *origin = &findings->origin;

	return origin->found && origin->is_return && origin->below_stack;
}

static bool overflow_silent(const struct findings *findings)
{
	return findings->first.source &&
	       (silent_pointer(findings) || (findings->stack.overflow && !findings->stack.guard));
}

static void explain_overflow_silent(const struct findings *findings, struct say *say)
{
	const struct origin_finding *origin = &findings->origin;

	if (!silent_pointer(findings)) {
		say_overflow(findings, say);
		say_add(say, " ");
		say_first(say, findings);
		say_add(say, ".");
		return;
	}
	say_add(say, "A stack overflow has overwritten ");
	say_data(say, &origin->at);
	say_add(say, ", which lies right below ");
	say_data(say, &origin->stack);
	say_add(say, ": it holds 0x%" PRIx64 ", a return address. ", origin->value);
	say_first(say, findings);
	say_add(say, " when it was used.");
	say_writer(say, findings);
}

static bool overflow_writer(const struct findings *findings, uint64_t *gpa, uint64_t *size)
{
	*size = 8;
	return silent_pointer(findings) && rule_gpa(findings, findings->origin.at.address, gpa);
}

static bool stack_read_only(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_NOT_WRITABLE) && rule_is_stack_access(findings);
}

static void explain_stack_read_only(const struct findings *findings, struct say *say)
{
	char text[160];

	say_add(say, "The current stack (");
	say_stack_pointer(say, findings);
	say_add(say, ") is mapped read-only: %s",
		walk_describe(&findings->first.walk, text, sizeof(text)));
	for (unsigned i = 0; i < findings->past_count; i++)
		if (findings->past[i].op == INSN_WRITE_CR && !findings->past[i].system_reg)
			say_add(say, ", and CR0.WP, set just before, makes that count in the "
				     "kernel too");
	say_add(say, ". ");
	say_first(say, findings);
	say_add(say, ", and the frame of that exception cannot be pushed either.");
}

static bool stack_not_mapped(const struct findings *findings)
{
	return rule_walk_is(findings, WALK_NOT_PRESENT) && rule_is_stack_access(findings);
}

static void explain_stack_not_mapped(const struct findings *findings, struct say *say)
{
	char text[160];

	say_add(say, "The stack is not mapped: ");
	say_stack_pointer(say, findings);
	say_add(say, ". ");
	say_first(say, findings);
	say_add(say, " at 0x%" PRIx64 ": %s.", findings->first.event.cr2,
		walk_describe(&findings->first.walk, text, sizeof(text)));
	say_delivery(say, findings);
}

/* The stack is one that the image has, but these page tables do not. */
static bool kernel_stack_not_mapped(const struct findings *findings)
{
	return stack_not_mapped(findings) && cpu_cpl(&findings->cpu) < 3 &&
	       findings->first.address.has_symbol;
}

static void explain_kernel_stack(const struct findings *findings, struct say *say)
{
	char text[160];

	say_add(say,
		"The kernel's stack is not mapped in the page tables in use (CR3 = 0x%" PRIx64
		"): ",
		findings->cpu.cr3);
	say_first(say, findings);
	say_add(say, " at ");
	say_data(say, &findings->first.address);
	say_add(say, " (%s), and the frame of that exception has no place either.",
		walk_describe(&findings->first.walk, text, sizeof(text)));
}

/* The exception itself is not about the stack, but its frame cannot be pushed on the interrupted
 * code's stack. */
static const struct delivery *frame_lost(const struct findings *findings)
{
	const struct delivery *delivery = rule_first_failed(findings);

	if (!delivery || delivery->stack != STACK_SAME)
		return NULL;
	return delivery->reason == DELIVERY_STACK_ACCESS ||
	                       delivery->reason == DELIVERY_STACK_CANONICAL ||
	                       delivery->reason == DELIVERY_STACK_LIMIT
	               ? delivery
	               : NULL;
}

static bool stack_bad(const struct findings *findings)
{
	return frame_lost(findings) && !findings->paging.is_rip;
}

static void explain_stack_bad(const struct findings *findings, struct say *say)
{
	const struct delivery *delivery = frame_lost(findings);
	char text[320];

	say_first(say, findings);
	say_add(say, ", and the stack pointer 0x%" PRIx64 " has no room for its frame: %s.",
		findings->cpu.gpr[GPR_RSP], delivery_describe(delivery, text, sizeof(text)));
}

const struct verdict_rule rules_stack[] = {
	{.id = "df-ist-without-tss",
		.matches = ist_without_tss,
		.explain = explain_ist_without_tss,
		.repair = "Build a TSS, put its descriptor into the GDT and load TR (ltr) before a "
			  "gate asks for an IST stack."},
	{.id = "tss-limit-too-small",
		.matches = tss_short,
		.explain = explain_tss_short,
		.repair = "Give the TSS descriptor that ltr loads the size of the TSS in bytes "
			  "minus 1 as limit: 0x67 at least."},
	{.id = "df-ist-empty",
		.matches = ist_empty,
		.explain = explain_ist_empty,
		.repair =
			"Store the top of a mapped stack in that IST entry of the TSS (IST1 is at "
			"offset 0x24)."},
	{.id = "ist-stack-bad",
		.matches = ist_bad,
		.explain = explain_ist_bad,
		.repair = "Let that IST entry of the TSS point to the top of a mapped, writable "
			  "stack."},
	{.id = "cr3-lacks-stack",
		.matches = cr3_lacks_stack,
		.explain = explain_cr3_lacks_stack,
		.repair =
			"Map the kernel's stack in every page table that CR3 gets, or switch to a "
			"stack that is mapped before writing CR3."},
	{.id = "stack-pointer-at-bottom",
		.matches = starts_at_bottom,
		.explain = explain_at_bottom,
		.repair = "Load RSP with the address behind the end of the stack: it grows "
			  "downwards.",
		.infers = true},
	{.id = "stack-overflow-guard-page",
		.matches = overflow_guard,
		.explain = explain_overflow_guard,
		.repair = "End the recursion, or make the stack larger. Give #DF (and #PF) an IST "
			  "stack, so that the overflow is reported.",
		.infers = true},
	{.id = "stack-overflow-silent",
		.matches = overflow_silent,
		.explain = explain_overflow_silent,
		.repair = "Make the stack larger or end the recursion, and leave an unmapped page "
			  "below every stack, so that an overflow faults at once.",
		.writer = overflow_writer,
		.infers = true},
	{.id = "stack-read-only",
		.matches = stack_read_only,
		.explain = explain_stack_read_only,
		.repair = "Map the stack writable before setting CR0.WP."},
	{.id = "kernel-stack-not-mapped",
		.matches = kernel_stack_not_mapped,
		.explain = explain_kernel_stack,
		.repair = "Map the kernel's stacks in the page tables of every process, before the "
			  "process runs."},
	{.id = "stack-not-mapped",
		.matches = stack_not_mapped,
		.explain = explain_stack_not_mapped,
		.repair = "Map the stack, or load a stack pointer that is mapped, before the first "
			  "push or call."},
	{.id = "stack-pointer-bad",
		.matches = stack_bad,
		.explain = explain_stack_bad,
		.repair = "Find where RSP got that value: an unbalanced pop or leave, a context "
			  "switch, a stack that was never set up, or one that has overflowed."},
	{0},
};
