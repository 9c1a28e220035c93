/* SPDX-License-Identifier: MIT */
/*
 * finding_boot_trap.c: the first event when vmm's own boot IDT caught it, and told the vector.
 */
#include "findings_parts.h"

/* int n has run: RIP is behind it. Nothing else brings that vector from there; but the two bytes
 * may be the end of a longer instruction, and int n has no error code. */
static bool is_behind_int(const struct findings *findings, uint8_t vector)
{
	struct insn insn;

	if (findings->evidence->boot_has_error ||
		(findings->past_count && findings->past[0].op != INSN_INT))
		return false;
	return findings->cpu.rip >= 2 &&
	       findings_decode(findings, findings->rip.address - 2, &insn) && insn.op == INSN_INT &&
	       insn.length == 2 && insn.imm == vector && !fault_expected(&findings->insn);
}

/* RIP is at the int n. */
static void from_int(struct findings *findings, uint8_t vector)
{
	struct delivery_event event = {.kind = EVENT_INT_N, .vector = vector};

	findings_accept(findings, FIRST_BOOT_TRAP, KNOWN_OBSERVED, &event, NULL);
}

/* Goes back to the int n, which then is the instruction that the first event came from. */
static void from_before_int(struct findings *findings, uint8_t vector)
{
	findings->cpu.rip -= 2;
	findings_instruction(findings);
	from_int(findings, vector);
}

/* An interrupt controller sent the vector: an exception with it would have pushed an error code, or
 * the controller has it in service still. */
static bool is_sent(const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	const struct interrupt_finding *irq = &findings->irq;

	if (!(findings->cpu.rflags & RFLAGS_IF))
		return false;
	if (findings->cpu.cr0 & CR0_PE && exception_has_error(evidence->boot_vector) &&
		!evidence->boot_has_error)
		return true;
	return irq->pic_in_service && irq->pic_vector == evidence->boot_vector &&
	       !fault_expected(&findings->insn);
}

/* #GP with the IDT bit in its error code: the entry of another vector is no gate. SDM vol. 3, 6.13
 * "Error Code". */
static bool lacks_gate(const struct evidence *evidence)
{
	return evidence->boot_vector == VEC_GP && evidence->boot_has_error &&
	       evidence->boot_error & 2 && evidence->boot_error >> 3 <= 0xff;
}

static bool at_int(const struct findings *findings)
{
	return findings->insn.decoded == INSN_OK && findings->insn.insn.op == INSN_INT;
}

/* Where no int n is, an interrupt. */
static bool is_beyond_idt(const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;

	return lacks_gate(evidence) && evidence->boot_error >> 3 > VEC_CP &&
	       findings->cpu.rflags & RFLAGS_IF && !at_int(findings);
}

/* The boot IDT of 32-bit guests has holes below 32: an int n, or #MF, that fell into one. */
static bool is_int_in_hole(const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;

	return lacks_gate(evidence) && evidence->boot_error >> 3 < EXCEPTION_VECTORS &&
	       at_int(findings) && findings->insn.insn.imm == evidence->boot_error >> 3;
}

static bool is_mf_in_hole(const struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;

	return lacks_gate(evidence) && evidence->boot_error >> 3 == VEC_MF && !at_int(findings);
}

static void from_interrupt(struct findings *findings, uint8_t vector)
{
	struct delivery_event event = {.kind = EVENT_INTERRUPT, .vector = vector};

	findings_accept(findings, FIRST_BOOT_TRAP, KNOWN_OBSERVED, &event, NULL);
}

/* The stub of the boot IDT told vector and error code; the guest's tables took no part. */
static void from_boot_exception(struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;
	bool hole = is_mf_in_hole(findings);
	uint8_t vector = hole ? VEC_MF : evidence->boot_vector;
	uint32_t error = hole ? 0 : evidence->boot_error;
	struct delivery_event event =
		delivery_exception(&findings->cpu, vector, error, findings->cpu.cr2);
	struct fault_reason reason = fault_pick(
		&findings->insn, &findings->cpu, vector, !hole && evidence->boot_has_error, error);

	findings_accept(findings, FIRST_BOOT_TRAP,
		findings->evidence->origin == STATE_RECOVERED ? KNOWN_RECOVERED : KNOWN_OBSERVED,
		&event, &reason);
}

void findings_boot_trap(struct findings *findings)
{
	const struct evidence *evidence = findings->evidence;

	if (is_behind_int(findings, evidence->boot_vector))
		from_before_int(findings, evidence->boot_vector);
	else if (is_int_in_hole(findings))
		from_int(findings, findings->insn.insn.imm & 0xff);
	else if (is_sent(findings))
		from_interrupt(findings, evidence->boot_vector);
	else if (is_beyond_idt(findings))
		from_interrupt(findings, (uint8_t)(evidence->boot_error >> 3));
	else
		from_boot_exception(findings);
}
