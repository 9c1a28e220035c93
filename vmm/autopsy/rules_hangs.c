/* SPDX-License-Identifier: MIT */
/*
 * rules_hangs.c: guests that no longer get anywhere.
 */
#include <inttypes.h>
#include <string.h>

#include "findings_parts.h"
#include "rule.h"

static bool hangs(const struct findings *findings)
{
	return findings->state_valid && (findings->evidence->death == DEATH_STUCK ||
						findings->evidence->death == DEATH_TIMEOUT);
}

static bool is_halted(const struct findings *findings)
{
	return findings->cpu.run_state == CPU_HALTED ||
	       (findings->before_known && findings->before.op == INSN_HLT) ||
	       findings->evidence->stuck == STUCK_HLT_IF0 ||
	       findings->evidence->stuck == STUCK_HLT_MASKED;
}

/* A CPU in hlt has RIP behind it, where another function, or none, may begin. */
static struct place where(const struct findings *findings)
{
	struct insn insn;

	if (is_halted(findings) && findings_decode(findings, findings->rip.address - 1, &insn) &&
		insn.op == INSN_HLT)
		return findings_place(findings, findings->rip.address - 1);
	return findings->rip;
}

static void say_where(const struct findings *findings, struct say *say)
{
	struct place place = where(findings);

	say_place(say, &place);
	if (findings->code.from_call) {
		say_add(say, ", called from ");
		say_place(say, &findings->code.caller);
	}
}

/* The three places where the samples were most often. */
static void say_samples(const struct findings *findings, struct say *say)
{
	const struct evidence *evidence = findings->evidence;
	uint64_t total = 0;

	for (unsigned i = 0; i < evidence->sample_count && i < SAMPLES_MAX; i++)
		total += evidence->samples[i].count;
	if (!total)
		return;
	say_add(say, " Samples:");
	for (unsigned i = 0; i < evidence->sample_count && i < 3; i++) {
		struct place place = findings_place(findings, evidence->samples[i].rip);

		say_add(say, "%s ", i ? "," : "");
		say_place(say, &place);
		say_add(say, " %" PRIu64 " %%", evidence->samples[i].count * 100 / total);
	}
	say_add(say, ".");
}

/* Is the sample beside the instruction that faults, and not that itself? */
static bool is_beside(const struct place *sample, const struct place *at)
{
	if (sample->address == at->address)
		return false;
	if (at->has_symbol && sample->has_symbol)
		return sample->symbol.address == at->symbol.address;
	return sample->address - at->address + 64 < 128;
}

/* Between two faults the code runs on: its handler does remove the cause, each time. */
static bool gets_on(const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;

	for (unsigned i = 0; i < evidence->sample_count && i < SAMPLES_MAX; i++) {
		struct place place = findings_place(findings, evidence->samples[i].rip);

		if (is_beside(&place, &findings->first.at))
			return true;
	}
	return false;
}

static bool fault_loops(const struct findings *findings)
{
	const struct first_event *first = &findings->first;
	struct place place;

	if (!hangs(findings) || !first->source || !first->is_exception || !first->has_chain ||
		!first->chain_fits || gets_on(findings))
		return false;
	if (first->source == FIRST_INSTRUCTION)
		return true;
	/* In the handler: it is a loop only when the fault comes again, as a sample shows. */
	for (unsigned i = 0; i < findings->evidence->sample_count && i < SAMPLES_MAX; i++) {
		place = findings_place(findings, findings->evidence->samples[i].rip);
		if (place.address == first->at.address)
			return true;
	}
	return false;
}

static bool is_deadlock(const struct findings *findings)
{
	const struct frame_finding *frame = &findings->frames[0];

	if (!hangs(findings) || is_halted(findings) || !findings->frame_count)
		return false;
	return findings->first.source == FIRST_HANDLER && !(findings->cpu.rflags & RFLAGS_IF) &&
	       frame->rip != findings->cpu.rip && findings->locks;
}

static void explain_deadlock(const struct findings *findings, struct say *say)
{
	say_add(say, "A handler waits for ever: ");
	say_where(findings, say);
	say_add(say, ", spins on %s inside the handler of ", findings->lock_text);
	say_vector(say, findings->first.event.vector);
	say_add(say, ", which interrupted ");
	say_place(say, &findings->frames[0].at);
	if (findings->first.has_reason && rule_first_is(findings, VEC_PF))
		say_add(say, " (address 0x%" PRIx64 ")", findings->first.event.cr2);
	say_add(say,
		". Interrupts are off and no other CPU runs, so only the interrupted code could "
		"release it.");
	say_samples(findings, say);
}

/* Interrupts are off and there is one CPU: whoever holds the lock is below on this stack. */
static bool own_lock(const struct findings *findings)
{
	return hangs(findings) && findings->locks && findings->evidence->cpu_count == 1 &&
	       !(findings->cpu.rflags & RFLAGS_IF);
}

static void explain_own_lock(const struct findings *findings, struct say *say)
{
	say_where(findings, say);
	say_add(say,
		", spins on %s with interrupts off on the only CPU: nobody can release it but "
		"the code that waits for it.",
		findings->lock_text);
	say_samples(findings, say);
}

static void explain_fault_loop(const struct findings *findings, struct say *say)
{
	const struct first_event *first = &findings->first;

	say_add(say, "Endless loop of faults: the instruction at ");
	say_place(say, &first->at);
	say_add(say, " raises ");
	say_vector(say, first->event.vector);
	if (rule_first_is(findings, VEC_PF))
		say_add(say, " at address 0x%" PRIx64, first->event.cr2);
	say_add(say, ", the handler ");
	if (first->chain.count) {
		struct place handler = findings_place(
			findings, first->chain.links[first->chain.count - 1].delivery.handler_rip);

		say_place(say, &handler);
		say_add(say, " ");
	}
	say_add(say, "returns without removing the cause, and the same instruction faults again.");
	if (first->has_walk && rule_first_is(findings, VEC_PF)) {
		char text[160];

		say_add(say, " Still %s.", walk_describe(&first->walk, text, sizeof(text)));
	}
	say_samples(findings, say);
}

static bool eoi_missing(const struct findings *findings)
{
	const struct interrupt_finding *irq = &findings->irq;

	/* A handler that is still at work has its frame on the stack. */
	return hangs(findings) && findings->cpu.rflags & RFLAGS_IF &&
	       !findings->cpu.events.interrupt_injected &&
	       ((irq->pic_in_service && irq->pic_vector >= EXCEPTION_VECTORS) ||
		       irq->apic_in_service) &&
	       !findings->frame_count;
}

static void explain_eoi(const struct findings *findings, struct say *say)
{
	const struct interrupt_finding *irq = &findings->irq;
	struct place place = where(findings);

	say_add(say, is_halted(findings) ? "The guest waits in hlt at " : "The guest runs at ");
	say_place(say, &place);
	if (irq->pic_in_service)
		say_add(say,
			" with interrupts on, but IRQ %u (vector 0x%x) is still in service in "
			"the PIC: its handler never sent an EOI, so neither it nor any less "
			"urgent interrupt comes again.",
			irq->pic_irq, irq->pic_vector);
	else
		say_add(say,
			" with interrupts on, but vector 0x%x is still in service in the local "
			"APIC: its handler never sent an EOI, so nothing of its priority or "
			"below comes again.",
			irq->apic_vector);
	if (irq->pic_pending)
		say_add(say, " IRQ %u is waiting.", irq->pending_irq);
}

static bool halted_if0(const struct findings *findings)
{
	return findings->evidence->death == DEATH_STUCK &&
	       findings->evidence->stuck == STUCK_HLT_IF0;
}

/* The only vector whose gate leads to the function where the guest is; false: none, or several. */
static bool find_vector(const struct findings *findings, uint8_t *vector)
{
	struct place place = where(findings), handler;
	unsigned found = 0;

	for (unsigned i = 0; place.has_symbol && i < 256; i++) {
		struct gate_lookup gate =
			gate_lookup(&findings->evidence->mem, &findings->cpu, (uint8_t)i);

		if (gate.status != GATE_OK || !findings_gate_is_good(findings, &gate.gate))
			continue;
		handler = findings_place(findings, gate.gate.offset);
		if (!handler.has_symbol || handler.symbol.address != place.symbol.address)
			continue;
		*vector = (uint8_t)i;
		found++;
	}
	return found == 1;
}

/* Which handler, and what it interrupted. */
static void say_handler(const struct findings *findings, struct say *say)
{
	const struct frame_finding *frame = &findings->frames[0];
	char text[INSN_TEXT_MAX];
	struct insn insn;
	uint8_t vector;

	if (find_vector(findings, &vector)) {
		say_add(say, " It is in the handler of ");
		say_vector(say, vector);
		if (vector < EXCEPTION_VECTORS)
			say_add(say, " (vector %u)", vector);
		say_add(say, ", which interrupted ");
	} else {
		say_add(say, " It is in a handler that interrupted ");
	}
	if ((frame->cs & 3) == 3 && cpu_cpl(&findings->cpu) < 3)
		say_add(say, "user code at ");
	say_place(say, &frame->at);
	if (cpu_code_bits(&findings->cpu) == 64 && findings_decode(findings, frame->rip, &insn)) {
		insn_format(&insn, &findings->cpu, INSN_ATT, NULL, NULL, text, sizeof(text));
		say_add(say, ", %s", text);
	}
	say_add(say, ".");
}

static void explain_if0(const struct findings *findings, struct say *say)
{
	say_add(say, "The guest has halted for good: hlt at ");
	say_where(findings, say);
	say_add(say, ", with interrupts off (IF=0)%s.",
		findings->evidence->cpu_count > 1 ? " on every CPU" : "");
	if (findings->frame_count)
		say_handler(findings, say);
	if (findings->panic_words[0])
		say_add(say, " The kernel's last words: %s", findings->panic_words);
}

static bool halted_masked(const struct findings *findings)
{
	return hangs(findings) && is_halted(findings) &&
	       (findings->evidence->stuck == STUCK_HLT_MASKED ||
		       (findings->cpu.rflags & RFLAGS_IF && findings->evidence->pic[0].valid &&
			       findings->irq.pic_all_masked && findings->evidence->apic.valid &&
			       !findings->irq.apic_enabled));
}

static void explain_masked(const struct findings *findings, struct say *say)
{
	say_add(say, "The guest waits in hlt at ");
	say_where(findings, say);
	say_add(say, " with interrupts on, but no interrupt source is enabled:");
	if (findings->evidence->pic[0].valid)
		say_add(say, " the PICs mask 0x%02x and 0x%02x;", findings->evidence->pic[0].imr,
			findings->evidence->pic[1].imr);
	say_add(say, findings->irq.apic_enabled ? " the local APIC's timer is off."
						: " the local APIC is disabled.");
}

static bool polls(const struct findings *findings)
{
	return hangs(findings) && findings->poll.polling && findings->poll.unclaimed;
}

static void explain_polls(const struct findings *findings, struct say *say)
{
	const struct poll_finding *poll = &findings->poll;

	say_where(findings, say);
	say_add(say,
		", asks %s 0x%" PRIx64 " again and again (%" PRIu64
		" times at the end): no device is there, so it always reads 0x%" PRIx64 ".",
		poll->mmio ? "address" : "port", poll->where, poll->count, poll->value);
}

static bool waits_for_device(const struct findings *findings)
{
	return hangs(findings) && findings->poll.polling;
}

static void explain_waits(const struct findings *findings, struct say *say)
{
	const struct poll_finding *poll = &findings->poll;

	say_where(findings, say);
	say_add(say,
		", asks %s 0x%" PRIx64 " again and again (%" PRIu64
		" times at the end) and always reads 0x%" PRIx64 ".",
		poll->mmio ? "address" : "port", poll->where, poll->count, poll->value);
}

static bool spins_if0(const struct findings *findings)
{
	return findings->evidence->death == DEATH_STUCK &&
	       findings->evidence->stuck == STUCK_SPIN_IF0;
}

static void explain_spin(const struct findings *findings, struct say *say)
{
	say_where(findings, say);
	say_add(say, " jumps to itself with interrupts off: nothing can end that.");
	if (findings->panic_words[0])
		say_add(say, " The kernel's last words: %s", findings->panic_words);
}

static bool idles(const struct findings *findings)
{
	return findings->evidence->death == DEATH_TIMEOUT && hangs(findings) && is_halted(findings);
}

static void explain_idle(const struct findings *findings, struct say *say)
{
	say_add(say, "When the time was over, the guest was waiting for an interrupt (hlt) at ");
	say_where(findings, say);
	say_add(say, ".");
	say_samples(findings, say);
}

/* Through zeros where the image is not: from there no way leads back. */
static bool runs_zeros(const struct findings *findings)
{
	const struct code_finding *code = &findings->code;
	const struct evidence_region *region = findings->rip.region;

	return findings->evidence->death == DEATH_TIMEOUT && hangs(findings) &&
	       !is_halted(findings) && !findings->rip.has_segment &&
	       (!region || !region->pristine) && code->zero_before >= 64 && code->zero_after >= 64;
}

static void explain_runs_zeros(const struct findings *findings, struct say *say)
{
	say_add(say, "When the time was over, the CPU was executing zeros (00 00 is add) at ");
	say_place(say, &findings->rip);
	say_add(say, ", outside the image, where no code is: a jump, call or return has led there, "
		     "or the CPU has run on behind the end of the code.");
	if (findings->code.from_call) {
		say_add(say, " The return address on the stack is behind the call at ");
		say_place(say, &findings->code.caller);
		say_add(say, ".");
	}
}

static bool runs(const struct findings *findings)
{
	return findings->evidence->death == DEATH_TIMEOUT && findings->state_valid;
}

static void explain_runs(const struct findings *findings, struct say *say)
{
	say_add(say, "When the time was over, the guest was running at ");
	say_where(findings, say);
	say_add(say, " (interrupts %s).", findings->cpu.rflags & RFLAGS_IF ? "on" : "off");
	if (findings->irq.pic_in_service && findings->cpu.rflags & RFLAGS_IF)
		say_add(say,
			" IRQ %u (vector 0x%x) is in service in the PIC: until an EOI is sent, "
			"neither it nor any less urgent interrupt comes.",
			findings->irq.pic_irq, findings->irq.pic_vector);
	if (findings->locks)
		say_add(say, " The loop there waits for %s to change, as for a lock.",
			findings->lock_text);
	say_samples(findings, say);
}

const struct verdict_rule rules_hangs[] = {
	{.id = "deadlock-in-handler",
		.matches = is_deadlock,
		.explain = explain_deadlock,
		.repair = "Turn interrupts off while a lock is held that handlers take, and let "
			  "panic "
			  "and fault handlers only try locks.",
		.infers = true},
	{.id = "deadlock-own-lock",
		.matches = own_lock,
		.explain = explain_own_lock,
		.repair = "Find the caller that took the lock already: split the function into one "
			  "that locks and one that expects the lock held.",
		.explains_death = true,
		.infers = true},
	{.id = "fault-loop",
		.matches = fault_loops,
		.explain = explain_fault_loop,
		.repair =
			"Let the handler remove the cause (map the page, skip the instruction) or "
			"stop the task; it must not just return.",
		.infers = true},
	{.id = "eoi-missing",
		.matches = eoi_missing,
		.explain = explain_eoi,
		.repair =
			"Send an EOI at the end of the handler: outb(0x20, 0x20) for the PIC (for "
			"IRQ 8 to 15 to 0xa0 as well), a write of 0 to offset 0xb0 for the local "
			"APIC.",
		.infers = true},
	{.id = "halted-nothing-enabled",
		.matches = halted_masked,
		.explain = explain_masked,
		.repair = "Unmask an interrupt (PIC, I/O APIC or the local APIC's timer) before "
			  "waiting for it.",
		.explains_death = true},
	{.id = "halted-interrupts-off",
		.matches = halted_if0,
		.explain = explain_if0,
		.repair =
			"If this is the end of the kernel's work, power off (write 0x2000 to port "
			"0x604); if it waits for an interrupt, execute sti right before hlt.",
		.explains_death = true},
	{.id = "spins-interrupts-off",
		.matches = spins_if0,
		.explain = explain_spin,
		.repair =
			"If this is the end of the kernel's work, power off (write 0x2000 to port "
			"0x604).",
		.explains_death = true},
	{.id = "polls-missing-device",
		.matches = polls,
		.explain = explain_polls,
		.repair =
			"Do not ask for a device that this machine does not have; bound the wait, "
			"and take 0xff for \"nobody there\".",
		.explains_death = true},
	{.id = "polls-device",
		.matches = waits_for_device,
		.explain = explain_waits,
		.repair =
			"Bound the wait, and check what the device needs before that bit changes.",
		.explains_death = true,
		.infers = true},
	{.id = "idle-at-timeout",
		.matches = idles,
		.explain = explain_idle,
		.repair = "If it should have gone on, check that the interrupt it waits for is "
			  "enabled; else give it more time (--timeout).",
		.explains_death = true},
	{.id = "zeros-at-timeout",
		.matches = runs_zeros,
		.explain = explain_runs_zeros,
		.repair = "Find what led there: the pointer of the last indirect call or jump, the "
			  "return address, or code that runs on behind its last instruction. Map "
			  "only what is used, and such a way ends in a page fault at once.",
		.infers = true},
	{.id = "running-at-timeout",
		.matches = runs,
		.explain = explain_runs,
		.repair =
			"If that is an endless loop, look at its condition; else give it more time "
			"(--timeout).",
		.explains_death = true},
	{0},
};
