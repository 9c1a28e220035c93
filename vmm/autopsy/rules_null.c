/* SPDX-License-Identifier: MIT */
/*
 * rules_null.c: the way went where nobody had meant it to and on from there: a start that returned,
 * a null call through zeros that are instructions, too.
 */
#include <inttypes.h>
#include <string.h>

#include "rule.h"

#define RETURN_STUB 16u /* bytes: docs/boot-protocol.md */

/* Address 0 is mapped and full of zeros, which are instructions: no fetch faults there. */
static bool null_call_zeros(const struct findings *findings)
{
	const struct code_finding *code = &findings->code;

	return findings->state_valid && code->from_call && code->caller_indirect &&
	       code->caller_null && findings->evidence->death != DEATH_PANIC;
}

static void explain_null_zeros(const struct findings *findings, struct say *say)
{
	say_add(say, "A null function pointer was called, by the indirect call at ");
	say_place(say, &findings->code.caller);
	say_add(say,
		". Address 0 is mapped and holds zeros (00 00 is add %%al,(%%%s)), through which "
		"the CPU ran on to 0x%" PRIx64 ".",
		cpu_code_bits(&findings->cpu) == 64 ? "rax" : "eax", findings->rip.address);
	if (findings->first.source) {
		say_add(say, " There ");
		say_first(say, findings);
		say_add(say, ".");
	}
}

static const struct evidence_region *monitor_region(
	const struct findings *findings, const char *name)
{
	const struct evidence *evidence = findings->evidence;

	for (unsigned i = 0; i < evidence->region_count; i++)
		if (evidence->regions[i].monitor && !strcmp(evidence->regions[i].name, name))
			return &evidence->regions[i];
	return NULL;
}

/* RIP is where the word leads that lies on vmm's boot stack at the start: the end of the page of
 * stubs. */
static bool is_at_return_stub(const struct findings *findings)
{
	const struct evidence_region *stubs = monitor_region(findings, "boot trap stubs");

	return stubs && stubs->size > RETURN_STUB &&
	       findings->rip.address - (stubs->linear + stubs->size - RETURN_STUB) < RETURN_STUB;
}

/* A pop or ret that takes what is above the boot stack. */
static bool is_above_boot_stack(const struct findings *findings)
{
	const struct evidence_region *stack = monitor_region(findings, "boot stack");

	return stack && findings->first.source && findings->first.has_address &&
	       rule_is_stack_access(findings) &&
	       findings->first.address.address - (stack->linear + stack->size) < 4096;
}

static bool entry_returned(const struct findings *findings)
{
	return findings->state_valid &&
	       (is_at_return_stub(findings) || is_above_boot_stack(findings));
}

static void explain_entry_returned(const struct findings *findings, struct say *say)
{
	if (is_at_return_stub(findings)) {
		say_add(say, "The entry code returned, and nobody had called it: a ret took the "
			     "word that lies on vmm's boot stack at the start (");
		say_stack_pointer(say, findings);
		say_add(say, " now). What the entry point is, or a function that it fell or "
			     "jumped into, ended with ret.");
		return;
	}
	say_add(say, "More was taken from vmm's boot stack than was ever pushed: ");
	say_first(say, findings);
	say_add(say, " at 0x%" PRIx64 ", above its top.", findings->first.address.address);
}

/* Before hangs and faults: what the zeros do is chance. */
const struct verdict_rule rules_null[] = {
	{.id = "entry-returned",
		.matches = entry_returned,
		.explain = explain_entry_returned,
		.repair = "Give the image an entry point of its own (_start, first in .text or "
			  "named by ENTRY) that calls the main function and behind that call stays "
			  "in a loop of cli and hlt.",
		.infers = true},
	{.id = "null-call-through-zeros",
		.matches = null_call_zeros,
		.explain = explain_null_zeros,
		.repair = "Fill in the pointer, or test it before the call. Leave the page at "
			  "address 0 unmapped, so that such a call faults at once.",
		.infers = true},
	{0},
};
