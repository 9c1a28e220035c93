/* SPDX-License-Identifier: MIT */
/*
 * findings_parts.h: how the files that derive findings divide the work. Each function fills in its
 * part of findings from those before it.
 */
#ifndef AUTOPSY_FINDINGS_PARTS_H
#define AUTOPSY_FINDINGS_PARTS_H

#include "findings.h"

/* The instruction at RIP, and what was executed before it. */
void findings_instruction(struct findings *findings);

/* first; moves cpu back to the state before the first event when that can be done exactly. */
void findings_first(struct findings *findings);

/* irq; needs nothing. */
void findings_interrupts(struct findings *findings);

/* damages[]: needs nothing but the evidence. */
void findings_damages(struct findings *findings);

/* table[]. */
void findings_tables(struct findings *findings);

/* bad_gate: needs first. */
void findings_bad_gate(struct findings *findings);

/* Would the CPU come to a handler through this gate: present, of the right type, with a code
 * segment and an address that can be executed? */
bool findings_gate_is_good(const struct findings *findings, const struct gate *gate);

/* A row of good gates in the image, long enough for the vector: the linear address of the first. */
bool findings_find_idt(const struct findings *findings, uint8_t vector, uint64_t *linear);

/* link, but for its use; before any name is looked up. */
void findings_link(struct findings *findings);
/* used of link; needs code. */
void findings_link_use(struct findings *findings);

/* first, as the boot trap tells it. */
void findings_boot_trap(struct findings *findings);

/* Takes the event for the first one, without its chain. reason: the instruction's, may be NULL. */
void findings_accept(struct findings *findings, enum first_source source, enum known known,
	const struct delivery_event *event, const struct fault_reason *reason);

/* paging: needs first. */
void findings_paging(struct findings *findings);

/* code; needs rip. */
void findings_code(struct findings *findings);

/* looks_64bit, inside_64bit and looks_32bit of code; needs rip. */
void findings_width(struct findings *findings);

/* torn and frame_size of code, and more of what differs: needs code. */
void findings_image(struct findings *findings);

/* origin: needs first. */
void findings_origin(struct findings *findings);

/* Eight or four bytes that a string could be; up to n - 1 of its characters to buf. */
bool findings_is_text(uint64_t value, char *buf, size_t n);

/* stack and frames. */
void findings_stack(struct findings *findings);
void findings_frames(struct findings *findings);

/* recursion. */
void findings_recursion(struct findings *findings);

/* locks. */
void findings_loop(struct findings *findings);

/* poll, writer, panic_words. */
void findings_exits(struct findings *findings);
void findings_writer(struct findings *findings);
void findings_panic(struct findings *findings);

/* Reads one stack word of the CPU's code width at linear. */
bool findings_word(const struct findings *findings, uint64_t linear, uint64_t *value);

/* Linear address of the top of the stack, and the size of its words in bytes. */
uint64_t findings_stack_top(const struct findings *findings);
unsigned findings_word_size(const struct findings *findings);

/* Up to n bytes of code at linear: from memory, else from what the monitor loaded. */
size_t findings_code_bytes(
	const struct findings *findings, uint64_t linear, uint8_t *buf, size_t n);

/* The instruction at linear in the mode of cpu, resolved with cpu's registers. */
bool findings_decode(const struct findings *findings, uint64_t linear, struct insn *insn);

/* The near call that ends at linear; false: linear is no return address. */
bool findings_call_before(const struct findings *findings, uint64_t linear, struct insn *call);

/* Was call rel32 (e8) before linear in what was loaded? Memory may have something else by now. */
bool findings_was_call(const struct findings *findings, uint64_t linear);

/* A frame that delivery could have pushed, whose lowest word (error code or RIP) is at linear. */
bool findings_frame_at(const struct findings *findings, const struct cpu_state *cpu,
	uint64_t linear, bool has_error, struct frame_finding *frame);

#endif
