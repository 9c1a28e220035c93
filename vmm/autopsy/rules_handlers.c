/* SPDX-License-Identifier: MIT */
/*
 * rules_handlers.c: handlers that end wrongly: iret with something else than a frame below it.
 */
#include <inttypes.h>

#include "findings_parts.h"
#include "names.h"
#include "rule.h"

#define RFLAGS_NEVER \
	0x28028u /* bits 3, 5 and 15, which are always 0; VM, which this is not about */

static bool at_iret(const struct findings *findings)
{
	return findings->first.source && findings->insn.decoded == INSN_OK &&
	       findings->insn.insn.op == INSN_IRET;
}

static bool frame_shifted(const struct findings *findings, int words, struct frame_finding *frame)
{
	return findings_frame_at(findings, &findings->cpu,
		findings_stack_top(findings) +
			(uint64_t)((int64_t)findings_word_size(findings) * words),
		false, frame);
}

static bool error_code_left(const struct findings *findings)
{
	struct frame_finding frame;
	uint64_t error;

	return at_iret(findings) && !frame_shifted(findings, 0, &frame) &&
	       frame_shifted(findings, 1, &frame) &&
	       findings_word(findings, findings_stack_top(findings), &error) && error <= 0xffff;
}

static void explain_error_code(const struct findings *findings, struct say *say)
{
	struct frame_finding frame;
	struct place back;
	uint64_t error = 0;

	frame_shifted(findings, 1, &frame);
	findings_word(findings, findings_stack_top(findings), &error);
	back = findings_place(findings, frame.rip);
	say_add(say, "The handler returns with the error code still on the stack: ");
	say_first(say, findings);
	say_add(say,
		". It took the error code (0x%" PRIx64 ") for RIP and 0x%" PRIx64
		" for CS; the frame itself, one word higher, would go back to ",
		error, frame.rip);
	say_place(say, &back);
	say_add(say, ".");
}

static bool frame_lost(const struct findings *findings)
{
	struct frame_finding frame;

	return at_iret(findings) && !frame_shifted(findings, 0, &frame) &&
	       (frame_shifted(findings, -1, &frame) || frame_shifted(findings, -2, &frame) ||
		       frame_shifted(findings, 2, &frame));
}

static void explain_frame_shifted(const struct findings *findings, struct say *say)
{
	static const int8_t shifts[] = {-1, -2, 2};
	struct frame_finding frame;
	struct place back;
	unsigned i = 0;
	int bytes;

	while (i < 2 && !frame_shifted(findings, shifts[i], &frame))
		i++;
	frame_shifted(findings, shifts[i], &frame);
	bytes = shifts[i] * (int)findings_word_size(findings);
	back = findings_place(findings, frame.rip);
	say_add(say, "The frame that the handler returns with is shifted by %d bytes: ",
		bytes < 0 ? -bytes : bytes);
	say_first(say, findings);
	say_add(say, ". The real frame (back to ");
	say_place(say, &back);
	say_add(say, ") begins %d bytes %s ", bytes < 0 ? -bytes : bytes,
		bytes < 0 ? "below" : "above");
	say_stack_pointer(say, findings);
	say_add(say, ".");
}

static bool narrow_iret(const struct findings *findings)
{
	struct frame_finding frame;

	return at_iret(findings) && cpu_code_bits(&findings->cpu) == 64 &&
	       findings->insn.insn.operand_bits < 64 && frame_shifted(findings, 0, &frame);
}

static void explain_narrow_iret(const struct findings *findings, struct say *say)
{
	struct frame_finding frame;

	frame_shifted(findings, 0, &frame);
	say_add(say,
		"The handler returns by a %u-bit iret, without the REX.W prefix, from a 64-bit "
		"frame: ",
		findings->insn.insn.operand_bits);
	say_first(say, findings);
	say_add(say,
		". EIP is the low half of the saved RIP 0x%" PRIx64 " and CS its high half, 0x%x.",
		frame.rip, (unsigned)(frame.rip >> 32) & 0xffff);
}

/* The frame has the very selector that SS holds: it was good when SS was loaded. */
static bool iret_ss(const struct findings *findings)
{
	const struct fault_reason *reason = &findings->first.reason;

	if (!at_iret(findings) || !findings->first.has_reason || !reason->has_selector ||
		reason->segment != SEG_SS ||
		(reason->selector ^ findings->cpu.seg[SEG_SS].selector) & ~3)
		return false;
	return reason->why == FAULT_SELECTOR_LIMIT || reason->why == FAULT_SELECTOR_TYPE ||
	       reason->why == FAULT_SELECTOR_NOT_PRESENT;
}

static void explain_iret_ss(const struct findings *findings, struct say *say)
{
	const struct fault_reason *reason = &findings->first.reason;

	say_first(say, findings);
	say_add(say, ": the return loads SS with the saved selector 0x%02x, ", reason->selector);
	if (reason->why == FAULT_SELECTOR_LIMIT)
		say_add(say, "which is beyond the GDT's limit of %u", findings->cpu.gdtr.limit);
	else
		say_add(say, "and the GDT has no writable data segment there");
	say_add(say, ". The selector is older than this GDT.");
	say_delivery(say, findings);
}

/* RIP is in code and RFLAGS are flags: a frame, if one with a selector that names no code segment.
 */
static bool iret_cs(const struct findings *findings)
{
	const struct fault_reason *reason = &findings->first.reason;
	uint64_t top = findings_stack_top(findings), rip, cs, rflags;
	unsigned size = findings_word_size(findings);
	struct place to;

	if (!at_iret(findings) || !findings->first.has_reason || !reason->has_selector ||
		reason->segment != SEG_CS || selector_is_null(reason->selector) ||
		!findings_word(findings, top, &rip) || !findings_word(findings, top + size, &cs) ||
		!findings_word(findings, top + 2 * size, &rflags))
		return false;
	to = findings_place(findings, rip);
	return (uint16_t)cs == reason->selector && to.has_segment && to.segment.executable &&
	       rflags & RFLAGS_FIXED && !(rflags & RFLAGS_NEVER) && !(rflags >> 22);
}

static void explain_iret_cs(const struct findings *findings, struct say *say)
{
	uint64_t top = findings_stack_top(findings), rip = 0;
	struct place to;

	findings_word(findings, top, &rip);
	to = findings_place(findings, rip);
	say_first(say, findings);
	say_add(say, ": %s The rest of the frame is in order; it leads to ",
		findings->first.reason.text);
	say_place(say, &to);
	say_add(say, ".");
	say_delivery(say, findings);
}

static bool bad_frame(const struct findings *findings)
{
	return at_iret(findings) && rule_first_is(findings, VEC_GP);
}

static void explain_bad_frame(const struct findings *findings, struct say *say)
{
	uint64_t word;

	say_first(say, findings);
	if (findings->first.has_reason)
		say_add(say, ": %s", findings->first.reason.text);
	say_add(say, " The words at %s are", stack_pointer_title(&findings->cpu));
	for (unsigned i = 0; i < 5; i++)
		if (findings_word(findings,
			    findings_stack_top(findings) + i * findings_word_size(findings), &word))
			say_add(say, " 0x%" PRIx64, word);
	say_add(say, "; an intact frame has RIP, CS, RFLAGS, RSP and SS there.");
}

/* Is the frame where the delivery through this gate would have put it: below the interrupted code's
 * stack pointer or, by the interrupt stack table, below that? SDM vol. 3, 6.14.2 "64-Bit Mode Stack
 * Frame". Outside long mode a frame of the same level has no stack pointer to compare. */
static bool frame_fits_gate(
	const struct findings *findings, const struct gate *gate, const struct frame_finding *frame)
{
	const struct phys_mem *mem = &findings->evidence->mem;
	uint64_t end = frame->address + 5 * 8, top = frame->rsp;
	struct tss_stack stack;

	if (!cpu_long_mode(&findings->cpu))
		return true;
	if (gate->ist || (frame->cs & 3) != cpu_cpl(&findings->cpu)) {
		stack = gate->ist ? tss_stack_ist(mem, &findings->cpu, gate->ist)
		                  : tss_stack_level(mem, &findings->cpu, cpu_cpl(&findings->cpu));
		if (stack.status != TSS_OK)
			return false;
		top = stack.sp;
	}
	return end == (top & ~15ull);
}

/* The youngest frame on the stack that this gate can have left. */
static const struct frame_finding *frame_of_gate(
	const struct findings *findings, uint8_t vector, const struct gate *gate)
{
	for (unsigned i = 0; i < findings->frame_count; i++) {
		const struct frame_finding *frame = &findings->frames[i];

		if ((!exception_has_error(vector) || frame->has_error) &&
			rule_frame_ss_is_good(findings, frame) &&
			frame_fits_gate(findings, gate, frame))
			return frame;
	}
	return NULL;
}

/* The exception came in the handler of another one, which is on the stack. */
static const struct frame_finding *inner_frame(const struct findings *findings)
{
	const struct symbol *symbol = &findings->rip.symbol;
	const struct frame_finding *frame;
	struct gate_lookup gate;

	if (!findings->frame_count || !findings->first.source || !findings->rip.has_symbol)
		return NULL;
	for (unsigned vector = 0; vector < EXCEPTION_VECTORS; vector++) {
		gate = gate_lookup(&findings->evidence->mem, &findings->cpu, (uint8_t)vector);
		if (gate.status != GATE_OK || !gate.gate.present ||
			gate.gate.offset - symbol->address >= (symbol->size ? symbol->size : 1))
			continue;
		frame = frame_of_gate(findings, (uint8_t)vector, &gate.gate);
		if (frame)
			return frame;
	}
	return NULL;
}

/* The code at RIP belongs to the handler of the very exception that it raises. */
static bool calls_itself(const struct findings *findings)
{
	const struct first_event *first = &findings->first;
	const struct delivery *delivery = rule_first_failed(findings);
	const struct symbol *symbol = &findings->rip.symbol;

	return delivery && first->is_exception && first->event.kind == EVENT_EXCEPTION &&
	       delivery->gate.status == GATE_OK && delivery->gate.gate.present &&
	       findings->rip.has_symbol &&
	       delivery->gate.gate.offset - symbol->address < (symbol->size ? symbol->size : 1) &&
	       (delivery->reason == DELIVERY_STACK_ACCESS ||
		       delivery->reason == DELIVERY_STACK_CANONICAL ||
		       delivery->reason == DELIVERY_STACK_LIMIT);
}

static bool handler_faults(const struct findings *findings)
{
	return findings->evidence->death == DEATH_SHUTDOWN &&
	       (inner_frame(findings) || calls_itself(findings));
}

/* What the handler was called for: the frame itself or, where it comes from the handler too, the
 * one before. */
static const struct frame_finding *outer_frame(
	const struct findings *findings, const struct frame_finding *frame)
{
	const struct frame_finding *last = &findings->frames[findings->frame_count - 1];

	while (frame < last && frame->at.has_symbol &&
		frame->at.symbol.address == findings->rip.symbol.address)
		frame++;
	return frame;
}

static void explain_handler_faults(const struct findings *findings, struct say *say)
{
	const struct frame_finding *frame = inner_frame(findings);

	say_add(say, "An exception handler faults itself: ");
	say_first(say, findings);
	if (!frame) {
		say_add(say,
			", the exception that it is the handler of, and the stack pointer "
			"0x%" PRIx64 " has no room for another frame.",
			findings->cpu.gpr[GPR_RSP]);
		say_delivery(say, findings);
		return;
	}
	say_add(say, ", while the exception that it was called for, at ");
	say_place(say, &outer_frame(findings, frame)->at);
	say_add(say, ", was not finished");
	if (frame->repeats > 1)
		say_add(say, "; this repeated %u times on the stack", frame->repeats);
	say_add(say, ".");
	say_delivery(say, findings);
}

const struct verdict_rule rules_handlers[] = {
	{.id = "error-code-not-popped",
		.matches = error_code_left,
		.explain = explain_error_code,
		.repair = "Add the size of a word to the stack pointer before iret in the handlers "
			  "of #DF, #TS, #NP, #SS, #GP, #PF, #AC and #CP: they have an error code.",
		.infers = true},
	{.id = "iret-operand-size",
		.matches = narrow_iret,
		.explain = explain_narrow_iret,
		.repair = "Use iretq (48 cf)."},
	{.id = "iret-frame-shifted",
		.matches = frame_lost,
		.explain = explain_frame_shifted,
		.repair =
			"Balance the handler's pushes and pops; only exceptions with an error code "
			"have one to drop.",
		.infers = true},
	{.id = "iret-ss-not-in-gdt",
		.matches = iret_ss,
		.explain = explain_iret_ss,
		.repair = "Load SS with a selector of the new GDT right after lgdt (in long mode 0 "
			  "will do), and give the GDT a data segment there.",
		.infers = true},
	{.id = "iret-cs-not-in-gdt",
		.matches = iret_cs,
		.explain = explain_iret_cs,
		.repair =
			"Give the GDT a code segment there (with DPL 3 for user mode, and 3 in the "
			"selector's lowest bits), or push the selector of the one that it has.",
		.infers = true},
	{.id = "iret-bad-frame",
		.matches = bad_frame,
		.explain = explain_bad_frame,
		.repair = "Check that the handler leaves RSP where it found it, and that nothing "
			  "overwrote the frame."},
	{.id = "handler-faults",
		.matches = handler_faults,
		.explain = explain_handler_faults,
		.repair = "Repair the handler first; the exception that it was called for shows "
			  "then.",
		.infers = true},
	{0},
};
