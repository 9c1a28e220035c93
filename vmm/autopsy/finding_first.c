/* SPDX-License-Identifier: MIT */
/*
 * finding_first.c: which exception or interrupt came first. A candidate comes from KVM,
 * from an interrupt controller or from the instruction at RIP; it is believed when its
 * delivery, replayed with the guest's tables, ends as the guest did.
 */
#include "findings_parts.h"

#include <stdio.h>
#include <string.h>

#include "region.h"

#define UNWIND_MAX 100000 /* handlers that never ran one instruction */

/* Does the end of the chain agree with the death? */
enum fit { FIT_NO, FIT_MAYBE, FIT_YES };

static enum fit chain_fit(const struct findings *findings, enum chain_end end)
{
	bool shutdown = findings->evidence->death == DEATH_SHUTDOWN ||
	                findings->evidence->death == DEATH_KVM_INTERNAL;

	switch (end) {
	case CHAIN_SHUTDOWN:
		return shutdown ? FIT_YES : FIT_NO;
	case CHAIN_HANDLED:
		return shutdown ? FIT_NO : FIT_YES;
	case CHAIN_ENDLESS:
		return shutdown ? FIT_NO : FIT_MAYBE;
	default:
		return FIT_MAYBE;
	}
}

static enum fit follow(
	struct findings *findings, const struct delivery_event *event, struct delivery_chain *chain)
{
	delivery_chain(&findings->evidence->mem, &findings->cpu, *event, chain);
	return chain_fit(findings, chain->end);
}

static struct delivery_event event_of(
	const struct findings *findings, const struct fault_reason *reason)
{
	struct delivery_event event =
		delivery_exception(&findings->cpu, reason->vector, reason->error, reason->address);

	switch (reason->why) {
	case FAULT_BREAKPOINT_INSN:
	case FAULT_OVERFLOW_TRAP:
		event.kind = EVENT_BREAKPOINT;
		break;
	case FAULT_GATE:
		break;
	default:
		break;
	}
	return event;
}

/* No access could be foretold, as with a table outside RAM; the walk stops all the same. */
static void mend_reason(struct first_event *first)
{
	char text[160];

	first->reason.why = FAULT_OPERAND_PAGE;
	snprintf(first->reason.text, sizeof(first->reason.text),
		"The address 0x%llx cannot be translated: %s.",
		(unsigned long long)first->event.cr2,
		walk_describe(&first->walk, text, sizeof(text)));
}

/* Everything about the event besides its chain. */
static void describe(struct findings *findings, const struct fault_reason *reason)
{
	struct first_event *first = &findings->first;
	bool page_fault = first->is_exception && first->event.vector == VEC_PF;

	first->at = findings->rip;
	if (reason && reason->why != FAULT_UNKNOWN) {
		first->has_reason = true;
		first->reason = *reason;
		first->has_address = reason->has_address;
		first->has_walk = reason->has_walk;
		first->walk = reason->walk;
	}
	if (page_fault) {
		first->has_address = true;
		first->address = findings_place(findings, first->event.cr2);
	} else if (first->has_address) {
		first->address = findings_place(findings, reason->address);
	}
	if (!page_fault || (first->has_walk && first->walk.linear == first->event.cr2))
		return;
	first->has_walk = true;
	first->walk = walk_linear(&findings->evidence->mem, &findings->cpu, first->event.cr2,
		(struct walk_access){.write = first->event.error & PF_W,
			.fetch = first->event.error & PF_I,
			.user = first->event.error & PF_U});
	if (first->has_reason && first->reason.why == FAULT_PAGE_CHANGED && !first->walk.allowed)
		mend_reason(first);
}

void findings_accept(struct findings *findings, enum first_source source, enum known known,
	const struct delivery_event *event, const struct fault_reason *reason)
{
	struct first_event *first = &findings->first;

	first->source = source;
	first->known = known;
	first->event = *event;
	first->is_exception = event->kind != EVENT_INTERRUPT && event->kind != EVENT_NMI;
	describe(findings, reason);
}

/* Replays the delivery; false when the guest would not have died of it. */
static bool try_event(struct findings *findings, enum first_source source, enum known known,
	const struct delivery_event *event, const struct fault_reason *reason, enum fit least)
{
	struct first_event *first = &findings->first;
	enum fit fit = follow(findings, event, &first->chain);

	if (fit < least)
		return false;
	findings_accept(findings, source, known, event, reason);
	first->has_chain = true;
	first->chain_fits = fit == FIT_YES;
	return true;
}

/* Where a frame that was just pushed begins a handler that never ran: RIP is the gate's offset.
 * Goes back to the interrupted state, whose registers are the same. */
static bool unwind_one(struct findings *findings)
{
	struct cpu_state *cpu = &findings->cpu;
	struct frame_finding frame;

	for (unsigned vector = 0; vector < EXCEPTION_VECTORS; vector++) {
		struct gate_lookup gate =
			gate_lookup(&findings->evidence->mem, cpu, (uint8_t)vector);

		if (gate.status != GATE_OK || !gate.gate.present ||
			(gate.gate.kind != GATE_INTERRUPT && gate.gate.kind != GATE_TRAP) ||
			gate.gate.offset != cpu->rip ||
			!findings_frame_at(findings, cpu, findings_stack_top(findings),
				exception_has_error((uint8_t)vector), &frame))
			continue;
		if (frame.cs != cpu->seg[SEG_CS].selector)
			return false;
		cpu->rip = frame.rip;
		cpu->rflags = frame.rflags;
		cpu->gpr[GPR_RSP] = frame.rsp;
		return true;
	}
	return false;
}

/* True when handlers without a first instruction were taken back. */
static bool unwind(struct findings *findings)
{
	struct walk walk = walk_linear(&findings->evidence->mem, &findings->cpu,
		findings->rip.address, (struct walk_access){.fetch = true});
	uint64_t low = findings->cpu.gpr[GPR_RSP];
	unsigned n = 0;

	if (walk.allowed)
		return false;
	while (n < UNWIND_MAX && unwind_one(findings))
		n++;
	findings->under_frames = n && findings->cpu.rip - low < findings->cpu.gpr[GPR_RSP] - low;
	if (n)
		findings_instruction(findings);
	return n != 0;
}

static bool from_instruction(
	struct findings *findings, enum first_source source, bool certain, enum fit least)
{
	for (unsigned i = 0; i < findings->insn.count; i++) {
		const struct fault_reason *reason = &findings->insn.reasons[i];
		struct delivery_event event = event_of(findings, reason);

		if (reason->certain == certain &&
			try_event(findings, source, KNOWN_INFERRED, &event, reason, least))
			return true;
		if (reason->certain)
			return false; /* the CPU never comes to the checks behind it */
	}
	return false;
}

/* int n whose gate lets it through: the delivery is what fails. */
static bool from_int(struct findings *findings, enum first_source source)
{
	struct delivery_event event = {.kind = EVENT_INT_N};

	if (findings->insn.decoded != INSN_OK || findings->insn.insn.op != INSN_INT)
		return false;
	event.vector = (uint8_t)findings->insn.insn.imm;
	return try_event(findings, source, KNOWN_INFERRED, &event, NULL, FIT_YES);
}

/* KVM keeps vector and error code of the last event, also of one that was delivered long ago: only
 * with a reason in the instruction, or while it is marked as pending, it counts. */
static bool from_kvm(struct findings *findings, bool need_reason)
{
	const struct cpu_events *events = &findings->cpu.events;
	struct delivery_event event;
	struct fault_reason reason;

	if (events->exception_vector >= EXCEPTION_VECTORS || events->exception_vector == VEC_DF ||
		events->exception_vector == VEC_NMI)
		return false;
	if (!events->exception_vector && !events->exception_injected && !events->exception_pending)
		return false;
	event = delivery_exception(&findings->cpu, events->exception_vector,
		events->exception_error, findings->cpu.cr2);
	reason = fault_pick(
		&findings->insn, &findings->cpu, event.vector, event.has_error, event.error);
	if (need_reason && (reason.why == FAULT_UNKNOWN || !reason.certain))
		return false;
	if (!need_reason && findings->insn.complete && !findings->insn.count)
		return false;
	return try_event(findings, FIRST_KVM_EVENT, KNOWN_OBSERVED, &event, &reason,
		need_reason ? FIT_MAYBE : FIT_YES);
}

static bool try_interrupt(struct findings *findings, uint8_t vector, enum known known)
{
	struct delivery_event event = {.kind = EVENT_INTERRUPT, .vector = vector};

	return try_event(findings, FIRST_CONTROLLER, known, &event, NULL, FIT_YES);
}

/* An interrupt leaves no exception record: SDM vol. 3, 6.8.1 "Masking Maskable Hardware
 * Interrupts" asks for IF = 1, and the controller has it in service. */
static bool from_controller(struct findings *findings)
{
	const struct interrupt_finding *irq = &findings->irq;
	const struct cpu_state *cpu = &findings->cpu;

	if (cpu->events.interrupt_injected && !cpu->events.interrupt_soft &&
		try_interrupt(findings, cpu->events.interrupt_vector, KNOWN_OBSERVED))
		return true;
	if (!(cpu->rflags & RFLAGS_IF))
		return false;
	if (irq->apic_in_service && try_interrupt(findings, irq->apic_vector, KNOWN_OBSERVED))
		return true;
	if (irq->pic_in_service && try_interrupt(findings, irq->pic_vector, KNOWN_OBSERVED))
		return true;
	/* A second run stops before the instruction in whose place the interrupt comes. */
	return findings->evidence->origin == STATE_RECOVERED && irq->apic_pending &&
	       !cpu->events.interrupt_shadow &&
	       try_interrupt(findings, irq->apic_pending_vector, KNOWN_INFERRED);
}

/* Single steps of a second run can end before a handler that they cannot enter. */
static void find_handled(struct findings *findings)
{
	struct delivery_chain *chain = &findings->first.chain;
	const struct fault_reason *reason = &findings->insn.reasons[0];
	struct delivery_event event;

	if (!findings->insn.count || !reason->certain)
		return;
	event = event_of(findings, reason);
	follow(findings, &event, chain);
	if (chain->end != CHAIN_HANDLED || !chain->count)
		return;
	findings->handled = true;
	findings->handled_event = event;
	findings->handler =
		findings_place(findings, chain->links[chain->count - 1].delivery.handler_rip);
}

/* Does the exception that the instruction raises go to handlers that cannot run? */
static bool goes_to_dead_handler(struct findings *findings)
{
	struct delivery_chain *chain = &findings->first.chain;
	struct delivery_event event;

	if (!findings->insn.count || !findings->insn.reasons[0].certain)
		return false;
	event = event_of(findings, &findings->insn.reasons[0]);
	follow(findings, &event, chain);
	for (unsigned i = 0; i < chain->count; i++)
		if (chain->links[i].delivery.outcome == DELIVERY_DONE &&
			chain->links[i].delivery.fetch == FETCH_FAULT)
			return true;
	return false;
}

/* A second run ends before the first exception, or among the first of its handlers, but memory is
 * that of the end, when frames had come down over the code below the stack. */
static void look_below_frames(struct findings *findings)
{
	uint8_t loaded[INSN_BYTES_MAX], now[INSN_BYTES_MAX];
	uint64_t rip = findings->rip.address;
	size_t n = region_loaded(findings->evidence, rip, loaded, sizeof(loaded));

	if (findings->evidence->origin != STATE_RECOVERED || !n ||
		rip > findings_stack_top(findings) ||
		linear_read(
			&findings->evidence->mem, &findings->cpu, rip, now, n, linear_system_read)
				.status != LINEAR_OK ||
		!memcmp(loaded, now, n))
		return;
	findings->under_frames = true;
	findings_instruction(findings);
	if (goes_to_dead_handler(findings))
		return;
	findings->under_frames = false;
	findings_instruction(findings);
}

static void from_shutdown(struct findings *findings)
{
	enum first_source source = unwind(findings) ? FIRST_FRAME : FIRST_INSTRUCTION;

	if (!findings->under_frames)
		look_below_frames(findings);
	if (source == FIRST_INSTRUCTION && from_kvm(findings, true))
		return;
	if (from_controller(findings) || from_instruction(findings, source, true, FIT_YES) ||
		from_int(findings, source) || from_instruction(findings, source, true, FIT_MAYBE) ||
		from_kvm(findings, false))
		return;
	if (!from_instruction(findings, source, false, FIT_YES))
		find_handled(findings);
}

/* The frame of a handler that never came back: the state at the fault, but for registers that the
 * handler may have changed. CR2 tells whether they are still right. */
static bool from_frame(struct findings *findings)
{
	const struct frame_finding *frame = &findings->frames[0];
	struct cpu_state now = findings->cpu;
	struct cpu_state *cpu = &findings->cpu;
	struct fault_analysis analysis;
	struct delivery_event event;

	if (!findings->frame_count || frame->cs != cpu->seg[SEG_CS].selector)
		return false;
	cpu->rip = frame->rip;
	cpu->rflags = frame->rflags;
	cpu->gpr[GPR_RSP] = frame->rsp;
	fault_predict(&findings->evidence->mem, cpu, &analysis);
	if (analysis.count && analysis.reasons[0].certain && analysis.reasons[0].vector == VEC_PF &&
		analysis.reasons[0].address == cpu->cr2) {
		event = event_of(findings, &analysis.reasons[0]);
		try_event(findings, FIRST_HANDLER, KNOWN_INFERRED, &event, &analysis.reasons[0],
			FIT_YES);
		findings->first.at = frame->at;
	}
	*cpu = now;
	return findings->first.source != FIRST_UNKNOWN;
}

/* Then RIP is behind the hlt, at what may never run. */
static bool is_halted(const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;

	return findings->cpu.run_state == CPU_HALTED || evidence->stuck == STUCK_HLT_IF0 ||
	       evidence->stuck == STUCK_HLT_MASKED;
}

/* A guest that hangs: in an instruction that faults for ever, or in a handler. */
static void from_hang(struct findings *findings)
{
	if (is_halted(findings) || !from_instruction(findings, FIRST_INSTRUCTION, true, FIT_YES))
		from_frame(findings);
}

void findings_first(struct findings *findings)
{
	switch (findings->evidence->death) {
	case DEATH_BOOT_EXCEPTION:
		findings_boot_trap(findings);
		break;
	case DEATH_SHUTDOWN:
	case DEATH_KVM_INTERNAL:
		from_shutdown(findings);
		break;
	case DEATH_STUCK:
	case DEATH_TIMEOUT:
		from_hang(findings);
		break;
	default:
		break;
	}
}
