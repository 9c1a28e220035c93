/* SPDX-License-Identifier: MIT */
/*
 * rules_fallback.c: what is left when nothing more specific fits: panics, traps without handlers,
 * and the admission that the cause is not known.
 */
#include <inttypes.h>

#include "names.h"
#include "rule.h"

static bool panicked(const struct findings *findings)
{
	return findings->evidence->death == DEATH_PANIC;
}

static void explain_panic(const struct findings *findings, struct say *say)
{
	say_add(say, "The kernel reported a panic");
	if (findings->state_valid) {
		say_add(say, " at ");
		say_place(say, &findings->rip);
	}
	say_add(say, ".");
	if (findings->panic_words[0])
		say_add(say, " Its own words: %s", findings->panic_words);
}

/* A KVM that emulates real mode may not look at the limit: then vmm's own stub still ran. */
static bool limit_zero(const struct findings *findings)
{
	const struct delivery *delivery = rule_first_failed(findings);
	bool no_room = findings->cpu.idtr.limit < gate_size(&findings->cpu) - 1;

	if (findings->first.source == FIRST_BOOT_TRAP)
		return no_room;
	return no_room && delivery && delivery->reason == DELIVERY_IDT_LIMIT;
}

static void explain_limit_zero(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_add(say,
		", and the IDT has no room for a single gate (IDTR base 0x%" PRIx64
		", limit %u), so neither that exception nor #GP nor #DF can be delivered.",
		findings->cpu.idtr.base, findings->cpu.idtr.limit);
	if (findings->first.source == FIRST_BOOT_TRAP)
		say_add(say,
			" This host's KVM (%s) does not look at the limit here and went on to "
			"vmm's stub.",
			findings->evidence->kvm ? findings->evidence->kvm : "unknown");
}

static bool never_loaded(const struct findings *findings)
{
	return (findings->first.source == FIRST_BOOT_TRAP && rule_is_trap(findings)) ||
	       (findings->stale_boot_idt && rule_first_failed(findings));
}

static void explain_never_loaded(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	if (findings->stale_boot_idt)
		say_add(say, " before the kernel had loaded an IDT for long mode (that of vmm, "
			     "which IDTR still names, is for 32-bit mode), so the CPU shut down");
	else
		say_add(say, " before the kernel had loaded an IDT of its own (vmm's boot IDT took "
			     "it; on a bare machine the CPU would have shut down)");
	if (findings->first.has_reason)
		say_add(say, ". %s", findings->first.reason.text);
	else
		say_add(say, ".");
}

static bool no_gate(const struct findings *findings)
{
	const struct delivery *delivery = rule_first_failed(findings);

	return delivery &&
	       (delivery->reason == DELIVERY_IDT_LIMIT || delivery->reason == DELIVERY_GATE_TYPE ||
		       delivery->reason == DELIVERY_GATE_NOT_PRESENT ||
		       delivery->reason == DELIVERY_IDT_ACCESS);
}

static void explain_no_gate(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	if (findings->first.has_reason)
		say_add(say, ": %s", findings->first.reason.text);
	else
		say_add(say, ".");
	if (rule_gate_is_zero(rule_first_failed(findings)) ||
		rule_first_failed(findings)->reason == DELIVERY_IDT_LIMIT)
		say_add(say, " The kernel has no handler for that.");
	say_delivery(say, findings);
}

static bool known_first(const struct findings *findings)
{
	return findings->first.source && findings->first.has_reason &&
	       findings->evidence->death != DEATH_STUCK &&
	       findings->evidence->death != DEATH_TIMEOUT;
}

static void explain_known(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_add(say, ": %s", findings->first.reason.text);
	say_delivery(say, findings);
}

static bool always(const struct findings *findings)
{
	return true;
}

/* The handler may be that of what follows a delivery that fails. */
static void explain_handled(const struct findings *findings, struct say *say)
{
	const struct delivery_chain *chain = &findings->first.chain;
	const struct delivery *first = &chain->links[0].delivery;
	const struct delivery *last = &chain->links[chain->count - 1].delivery;
	char text[320];

	say_add(say, " That instruction raises ");
	say_vector(say, findings->handled_event.vector);
	if (first->raises) {
		say_add(say, ", which cannot be delivered (%s), so that ",
			delivery_describe(first, text, sizeof(text)));
		say_vector(say, last->event.vector);
		say_add(say, " follows");
	}
	say_add(say, ", which has a handler: ");
	say_place(say, &findings->handler);
	say_add(say, ". The death came in that handler or behind it.");
}

static void explain_nothing(const struct findings *findings, struct say *say)
{
	const struct evidence *evidence = findings->evidence;

	say_add(say, "The cause is not known. What is known: %s", death_text(evidence->death));
	if (findings->state_valid) {
		say_add(say, ", at ");
		say_place(say, &findings->rip);
		if (findings->insn_text[0])
			say_add(say, ", %s", findings->insn_text);
	}
	say_add(say, ".");
	if (findings->first.source) {
		say_add(say, " The first event was ");
		say_vector(say, findings->first.event.vector);
		say_add(say, ".");
		say_delivery(say, findings);
	} else if (findings->handled) {
		explain_handled(findings, say);
	} else if (findings->state_valid && findings->insn.complete && !findings->insn.count) {
		say_add(say, " Nothing in the registers and memory makes that instruction fault.");
	}
}

const struct verdict_rule rules_fallback[] = {
	{.id = "kernel-panic",
		.matches = panicked,
		.explain = explain_panic,
		.repair = "See the kernel's own log for the cause.",
		.explains_death = true},
	{.id = "idt-limit-zero",
		.matches = limit_zero,
		.explain = explain_limit_zero,
		.repair = "Build an IDT and execute lidt, with its size minus 1 as limit, before "
			  "anything can fault; in real mode keep the limit 0x3ff."},
	{.id = "idt-never-loaded",
		.matches = never_loaded,
		.explain = explain_never_loaded,
		.repair = "Build an IDT and execute lidt before anything that can raise an "
			  "exception, "
			  "and see to that exception's cause."},
	{.id = "no-handler",
		.matches = no_gate,
		.explain = explain_no_gate,
		.repair = "See to the exception's cause, and install gates for all exceptions, #DF "
			  "with a stack of its own among them."},
	{.id = "exception",
		.matches = known_first,
		.explain = explain_known,
		.repair = "See to the exception's cause."},
	{.id = "unexplained",
		.matches = always,
		.explain = explain_nothing,
		.repair = "The registers, walks and exits below may tell more. Run again with "
			  "--trace "
			  "exits,io, or look at a core (--core) in gdb."},
	{0},
};
