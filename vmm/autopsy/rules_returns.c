/* SPDX-License-Identifier: MIT */
/*
 * rules_returns.c: handlers that went back by ret, with the rest of the frame left on the stack.
 */
#include <inttypes.h>

#include "findings_parts.h"
#include "rule.h"

/* The stack above a frame whose lowest words a ret has taken: first is the word that RSP is at. */
static bool rest_of_frame(
	const struct findings *findings, uint64_t rflags_at, struct frame_finding *frame)
{
	unsigned size = findings_word_size(findings);

	return cpu_long_mode(&findings->cpu) &&
	       findings_frame_at(findings, &findings->cpu, rflags_at - 2 * size, false, frame) &&
	       rule_frame_ss_is_good(findings, frame) &&
	       frame->address + 5 * 8 == (frame->rsp & ~15ull);
}

/* ret took the error code for a return address; the frame begins right at RSP. Or it took RIP, and
 * a later ret took CS. */
static bool find_ret(const struct findings *findings, struct frame_finding *frame)
{
	uint64_t top = findings_stack_top(findings);

	if (!findings->first.source || !findings->code.after_ret || findings->cpu.rip > 0xffff)
		return false;
	if (rest_of_frame(findings, top + 16, frame))
		return true;
	return rest_of_frame(findings, top, frame) && findings->cpu.rip == frame->cs;
}

static bool ret_for_iret(const struct findings *findings)
{
	struct frame_finding frame;

	return find_ret(findings, &frame);
}

static void explain_ret(const struct findings *findings, struct say *say)
{
	struct frame_finding frame;
	struct place back;

	find_ret(findings, &frame);
	back = findings_place(findings, frame.rip);
	say_add(say,
		"An interrupt or exception handler ended with ret instead of iret: the CPU went to "
		"0x%" PRIx64 ", which is %s, and the rest of the frame is still on the stack "
		"(it would go back to ",
		findings->cpu.rip,
		findings->cpu.rip == frame.cs ? "the CS of the frame that the handler was called "
						"with"
					      : "the error code of that exception");
	say_place(say, &back);
	say_add(say, ").");
	say_delivery(say, findings);
}

/* ret took RIP for a return address: RSP is at CS, interrupts are off as an interrupt gate leaves
 * them, and the code that was interrupted went on until it halted. */
static bool halts_behind_ret(const struct findings *findings)
{
	uint64_t top = findings_stack_top(findings), cs, rflags;
	unsigned size = findings_word_size(findings);
	struct frame_finding frame;

	return findings->evidence->death == DEATH_STUCK &&
	       findings->evidence->stuck == STUCK_HLT_IF0 && findings_word(findings, top, &cs) &&
	       cs == findings->cpu.seg[SEG_CS].selector &&
	       findings_word(findings, top + size, &rflags) && rflags & RFLAGS_IF &&
	       rflags & RFLAGS_FIXED && !(rflags >> 22) &&
	       (!cpu_long_mode(&findings->cpu) || rest_of_frame(findings, top + size, &frame));
}

static void explain_halt(const struct findings *findings, struct say *say)
{
	uint64_t top = findings_stack_top(findings), rflags = 0;
	struct place hlt = findings_place(findings, findings->rip.address - 1);

	findings_word(findings, top + findings_word_size(findings), &rflags);
	say_add(say,
		"An interrupt or exception handler ended with ret instead of iret: what it had "
		"interrupted went on with "
		"interrupts off, as the gate had left them, and the rest of the frame is still on "
		"the stack (RSP is at CS "
		"0x%x, then RFLAGS 0x%" PRIx64 ", with IF=1). So the hlt at ",
		findings->cpu.seg[SEG_CS].selector, rflags);
	say_place(say, &hlt);
	say_add(say, " has nothing to wait for any more.");
}

const struct verdict_rule rules_returns[] = {
	{.id = "handler-returns-by-ret",
		.matches = ret_for_iret,
		.explain = explain_ret,
		.repair = "End handlers with iret (64-bit: iretq), with the registers restored and "
			  "an error code dropped first: in C, through a stub in assembler or "
			  "__attribute__((interrupt)).",
		.infers = true},
	{.id = "halted-behind-ret",
		.matches = halts_behind_ret,
		.explain = explain_halt,
		.repair = "End handlers with iret (64-bit: iretq), with the registers restored and "
			  "an error code dropped first: in C, through a stub in assembler or "
			  "__attribute__((interrupt)).",
		.explains_death = true,
		.infers = true},
	{0},
};
