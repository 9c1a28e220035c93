/* SPDX-License-Identifier: MIT */
/*
 * rules_real.c: real mode without a BIOS: calls of services that are not there, and vectors that
 * the guest did not set.
 */
#include <inttypes.h>

#include "findings_parts.h"
#include "rule.h"

#define IVT_SIZE   0x400u
#define LOOK_WORDS 16u /* of the stack that are searched for the frame of an int */

static bool real_mode(const struct findings *findings)
{
	return findings->state_valid && !(findings->cpu.cr0 & CR0_PE);
}

/* Offset and segment of a vector; false when they cannot be read. */
static bool read_vector(const struct findings *findings, uint8_t vector, uint16_t words[2])
{
	return linear_read(&findings->evidence->mem, &findings->cpu,
		       findings->cpu.idtr.base + vector * 4u, words, 4, linear_system_read)
	               .status == LINEAR_OK;
}

/* The int n whose frame (IP, CS, FLAGS) is at linear: it went through a vector of zeros. */
static bool empty_int_at(
	const struct findings *findings, uint64_t linear, struct place *at, uint8_t *number)
{
	uint16_t frame[3], vector[2];
	struct insn insn;
	uint64_t back;

	if (linear_read(&findings->evidence->mem, &findings->cpu, linear, frame, sizeof(frame),
		    linear_system_read)
				.status != LINEAR_OK ||
		frame[0] < 2)
		return false;
	back = frame[1] * 16ull + frame[0] - 2;
	if (!findings_decode(findings, back, &insn) || insn.op != INSN_INT || insn.length != 2 ||
		!read_vector(findings, (uint8_t)insn.imm, vector) || vector[0] || vector[1])
		return false;
	*at = findings_place(findings, back);
	*number = (uint8_t)insn.imm;
	return true;
}

/* 0000:0000 is the table itself: the CPU runs the vectors as code. */
static bool find_empty_int(const struct findings *findings, struct place *at, uint8_t *number)
{
	uint64_t top = findings_stack_top(findings);

	if (!real_mode(findings) || findings->cpu.seg[SEG_CS].selector ||
		findings->cpu.rip >= IVT_SIZE)
		return false;
	for (unsigned i = 0; i < LOOK_WORDS; i++)
		if (empty_int_at(findings, top + i * 2, at, number))
			return true;
	return false;
}

static bool bios_call(const struct findings *findings)
{
	const struct first_event *first = &findings->first;
	struct place at;
	uint8_t number;

	if (first->source == FIRST_BOOT_TRAP && first->event.kind == EVENT_INT_N)
		return true;
	return find_empty_int(findings, &at, &number);
}

static void explain_bios_call(const struct findings *findings, struct say *say)
{
	bool through_zeros = findings->first.event.kind != EVENT_INT_N;
	uint8_t number = findings->first.event.vector;
	struct place at = findings->first.at;

	if (through_zeros)
		find_empty_int(findings, &at, &number);
	say_place(say, &at);
	say_add(say, " executes int $0x%02x, a software interrupt: ", number);
	if (real_mode(findings))
		say_add(say, "there is no BIOS here that would answer, and the guest has not set "
			     "that vector itself");
	else
		say_add(say, "the kernel has not loaded an IDT of its own that would have a gate "
			     "for it; a BIOS answers in real mode only, and there is none here");
	if (through_zeros)
		say_add(say,
			": entry 0x%02x of the vector table is 0000:0000, so the CPU went on in "
			"the table itself and came to grief at 0x%" PRIx64,
			number, findings->rip.address);
	say_add(say, ".");
}

static bool vector_not_set(const struct findings *findings)
{
	const struct first_event *first = &findings->first;

	return real_mode(findings) && first->source == FIRST_BOOT_TRAP &&
	       findings->cpu.idtr.limit >= first->event.vector * 4u + 3 &&
	       (rule_is_trap(findings) || first->event.kind == EVENT_INTERRUPT);
}

static void explain_vector_not_set(const struct findings *findings, struct say *say)
{
	say_first(say, findings);
	say_add(say,
		" in real mode, and entry %u of the interrupt vector table is still the one that "
		"vmm has put there. There is no BIOS with a handler.",
		findings->first.event.vector);
	if (findings->first.has_reason)
		say_add(say, " %s", findings->first.reason.text);
}

const struct verdict_rule rules_real[] = {
	{.id = "bios-call",
		.matches = bios_call,
		.explain = explain_bios_call,
		.repair =
			"Do without the BIOS: write to the serial port 0x3f8 or the debug console "
			"0xe9, take the memory map from vmm's boot information; or set the vector "
			"first."},
	{.id = "vector-not-set",
		.matches = vector_not_set,
		.explain = explain_vector_not_set,
		.repair = "Store offset and segment of a handler in the vector's four bytes "
			  "(address 4 times the vector) before that can happen; see to the cause, "
			  "too."},
	{0},
};
