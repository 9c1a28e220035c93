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

/* The function's own frame holds the code that was overwritten. */
static bool frame_over_code(const struct findings *findings)
{
	const struct code_finding *code = &findings->code;

	return findings->state_valid && findings->first.source && code->differs &&
	       code->differs_at - findings->stack.rsp.address < code->frame_size;
}

static void explain_frame(const struct findings *findings, struct say *say)
{
	const struct code_finding *code = &findings->code;
	uint64_t rsp = findings->stack.rsp.address;

	say_add(say,
		"Kernel stack overflow by one big frame: %s takes %" PRIu64
		" bytes of stack at once, for its local variables. They reach from RSP = "
		"0x%" PRIx64 " to 0x%" PRIx64 ", over the code that runs: the byte at 0x%" PRIx64
		" is 0x%02x, the image has 0x%02x there.",
		findings->rip.symbol.name, code->frame_size, rsp, rsp + code->frame_size,
		code->differs_at, code->now, code->then);
	say_add(say, " There, at ");
	say_place(say, &findings->rip);
	say_add(say, ", the CPU raised ");
	say_vector(say, findings->first.event.vector);
	say_add(say, ".");
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
	{.id = "stack-frame-too-large",
		.matches = frame_over_code,
		.explain = explain_frame,
		.repair = "Keep big arrays off the stack (static, or allocated), or make the stack "
			  "larger; -Wframe-larger-than=1024 finds them. Leave an unmapped page "
			  "below every stack.",
		.infers = true},
	{0},
};
