/* SPDX-License-Identifier: MIT */
/*
 * rules_overflow.c: a recursion without end on a stack that nothing stops. What it overwrites, and
 * what goes wrong then, is chance: it comes before the rules about overwritten memory.
 */
#include <inttypes.h>

#include "rule.h"

static bool ran_over(const struct findings *findings)
{
	return findings->state_valid && findings->recursion.found && findings->recursion.how_left &&
	       findings->evidence->death != DEATH_PANIC;
}

static void explain_ran_over(const struct findings *findings, struct say *say)
{
	const struct recursion_finding *recursion = &findings->recursion;

	say_add(say, recursion->is_call
			     ? "Kernel stack overflow by recursion: the call at "
			     : "Kernel stack overflow by a handler that faults itself: ");
	say_place(say, &recursion->at);
	say_add(say, recursion->is_call
			     ? " has left its return address on the stack"
			     : ", in it, has raised an exception whose frame is on the stack");
	say_add(say, " %u times, every %" PRIu64 " bytes, from ", recursion->count,
		recursion->stride);
	say_data(say, &recursion->high);
	say_add(say, " down to ");
	say_data(say, &recursion->low);
	say_add(say, ": %s, for no unmapped page stopped it (RSP = 0x%" PRIx64 ").",
		recursion->how_left, findings->cpu.gpr[GPR_RSP]);
	if (findings->first.source) {
		say_add(say, " At last ");
		say_first(say, findings);
		say_add(say, ".");
	} else {
		say_add(say, " The guest was at ");
		say_place(say, &findings->rip);
		say_add(say, ".");
	}
}

const struct verdict_rule rules_overflow[] = {
	{.id = "stack-overflow-recursion",
		.matches = ran_over,
		.explain = explain_ran_over,
		.repair = "End the recursion, or repair the handler. Leave an unmapped page below "
			  "every stack and give "
			  "#DF and #PF stacks of their own (IST), so that an overflow faults at "
			  "once.",
		.infers = true},
	{0},
};
