/* SPDX-License-Identifier: MIT */
/*
 * rule.h: questions that the rules of several themes ask about the findings.
 */
#ifndef AUTOPSY_RULE_H
#define AUTOPSY_RULE_H

#include "say.h"
#include "verdict.h"

/* Why the first event's instruction raised it; FAULT_UNKNOWN also when there is no first event. */
enum fault_why rule_why(const struct findings *findings);

/* Is the first event this exception? */
bool rule_first_is(const struct findings *findings, uint8_t vector);

/* Is it a page fault whose walk is stopped for this reason? */
bool rule_walk_is(const struct findings *findings, enum walk_reason reason);

/* The step at which the walk of the first event stopped. Only with such a walk. */
const struct walk_step *rule_guilty(const struct findings *findings);

/* The first delivery in the chain that failed for this reason, or NULL: also when the chain does
 * not fit the death. */
const struct delivery *rule_failed(const struct findings *findings, enum delivery_reason reason);

/* The delivery of the first event when it failed, else NULL. */
const struct delivery *rule_first_failed(const struct findings *findings);

/* Did the kernel load this table itself, so that it meant to use it? */
bool rule_own_table(const struct findings *findings, enum table_kind kind);

/* In protected mode, is IDTR still what real mode begins with: base 0, limit 0x3ff? */
bool rule_real_mode_idt(const struct findings *findings);

/* Does the GDT hold a code segment that is present? Then it is one, and where it should be.
 * selector (may be NULL) gets the first one's. */
bool rule_find_code_segment(const struct findings *findings, uint16_t *selector);

/* Is the gate of this delivery nothing but zeros? */
bool rule_gate_is_zero(const struct delivery *delivery);

/* Exceptions that are no bug by themselves: ud2, int3 and other traps, and divisions. Who executes
 * them without handlers misses the handlers. */
bool rule_is_trap(const struct findings *findings);

/* The memory operand that the first fault is about, or NULL. */
const struct insn_mem *rule_operand(const struct findings *findings);

/* Is the instruction before RIP a write to this control register? */
bool rule_after_write_cr(const struct findings *findings, unsigned cr);

/* Did the access of the first fault push to or pop from the stack? */
bool rule_is_stack_access(const struct findings *findings);

/* Bytes of printable text, as text overwrites a pointer: up to n - 1 characters to buf. */
bool rule_is_text(uint64_t value, char *buf, size_t n);

/* The linear address in guest-physical terms, in the state of the findings. */
bool rule_gpa(const struct findings *findings, uint64_t linear, uint64_t *gpa);

/* Is the host's KVM the one that emulates the kernel's instructions? */
bool rule_is_pvm(const struct findings *findings);

/* Is the SS of the frame null, which 64-bit code may have, or a stack segment? */
bool rule_frame_ss_is_good(const struct findings *findings, const struct frame_finding *frame);

#endif
