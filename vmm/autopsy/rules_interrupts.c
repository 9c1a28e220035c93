/* SPDX-License-Identifier: MIT */
/*
 * rules_interrupts.c: external interrupts, which leave no exception record.
 */
#include <inttypes.h>

#include "rule.h"

static const char *irq_name(unsigned irq)
{
	static const char *const names[16] = {"the timer (IRQ 0)", "the keyboard (IRQ 1)",
		"the cascade (IRQ 2)", "COM2 (IRQ 3)", "COM1 (IRQ 4)", "IRQ 5", "IRQ 6",
		"IRQ 7 (or a spurious interrupt)", "the clock (IRQ 8)", "IRQ 9", "IRQ 10", "IRQ 11",
		"the mouse (IRQ 12)", "IRQ 13", "IRQ 14", "IRQ 15"};

	return names[irq & 15];
}

static void say_source(const struct findings *findings, uint8_t vector, struct say *say)
{
	const struct interrupt_finding *irq = &findings->irq;

	if (irq->pic_in_service && irq->pic_vector == vector)
		say_add(say, "%s", irq_name(irq->pic_irq));
	else if (irq->apic_enabled && irq->apic_timer_vector == vector)
		say_add(say, "the local APIC's timer");
	else
		say_add(say, "an external interrupt");
}

static bool without_gate(const struct findings *findings)
{
	const struct first_event *first = &findings->first;

	return first->source && first->event.kind == EVENT_INTERRUPT &&
	       findings->cpu.cr0 & CR0_PE &&
	       (rule_first_failed(findings) || first->source == FIRST_BOOT_TRAP);
}

static void explain_without_gate(const struct findings *findings, struct say *say)
{
	uint8_t vector = findings->first.event.vector;

	say_add(say, "No exception came first, but an interrupt: ");
	say_source(findings, vector, say);
	say_add(say, ", vector 0x%x, arrived while the guest was at ", vector);
	say_place(say, &findings->first.at);
	if (findings->first.source == FIRST_BOOT_TRAP)
		say_add(say,
			", and the kernel has not loaded an IDT of its own (vmm's boot IDT has "
			"gates for exceptions only; on a bare machine the CPU would have shut "
			"down).");
	else
		say_add(say, ", and the kernel has no usable gate for it.");
	say_delivery(say, findings);
}

/* The handler of an exception's vector runs because the PIC sends that vector. */
static bool as_exception(const struct findings *findings)
{
	const struct interrupt_finding *irq = &findings->irq;

	return findings->state_valid && irq->pic_in_service &&
	       irq->pic_vector < EXCEPTION_VECTORS && findings->cpu.cr0 & CR0_PE &&
	       (findings->evidence->death == DEATH_STUCK ||
		       findings->evidence->death == DEATH_TIMEOUT ||
		       findings->evidence->death == DEATH_PANIC ||
		       (findings->first.source && findings->first.event.kind == EVENT_INTERRUPT));
}

static bool as_vector_8(const struct findings *findings)
{
	return as_exception(findings) && !findings->irq.pic_irq &&
	       findings->irq.pic_vector == VEC_DF;
}

static void explain_as_exception(const struct findings *findings, struct say *say)
{
	const struct interrupt_finding *irq = &findings->irq;

	say_add(say,
		"No %s happened: %s arrived as vector %u, because the PIC's vectors still begin "
		"at %u, where exceptions are.",
		exception_title(irq->pic_vector), irq_name(irq->pic_irq), irq->pic_vector,
		irq->pic_vector - irq->pic_irq % 8);
	if (findings->first.source == FIRST_BOOT_TRAP) {
		say_add(say, " It interrupted ");
		say_place(say, &findings->first.at);
		say_add(say, ", and the kernel has not loaded an IDT of its own.");
		return;
	}
	if (findings->frame_count) {
		say_add(say, " It interrupted ");
		say_place(say, &findings->frames[0].at);
		say_add(say, ", and there is no error code on the stack.");
	}
	say_add(say, " The guest is in ");
	say_place(say, &findings->rip);
	say_add(say, " now.");
}

const struct verdict_rule rules_interrupts[] = {
	{.id = "irq0-as-vector-8",
		.matches = as_vector_8,
		.explain = explain_as_exception,
		.repair = "Remap the PICs (ICW2) to vectors from 0x20 on before sti."},
	{.id = "pic-not-remapped",
		.matches = as_exception,
		.explain = explain_as_exception,
		.repair = "Remap the PICs (ICW2) to vectors from 0x20 on before sti."},
	{.id = "interrupt-without-gate",
		.matches = without_gate,
		.explain = explain_without_gate,
		.repair = "Install a gate for that vector, or mask its source, before sti."},
	{0},
};
