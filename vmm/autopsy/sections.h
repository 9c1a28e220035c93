/* SPDX-License-Identifier: MIT */
/*
 * sections.h: the parts of a report that show evidence as it is, without explaining: what the raw
 * dump and the full report have in common. Each writes whole lines; a part with nothing to show
 * writes nothing.
 */
#ifndef AUTOPSY_SECTIONS_H
#define AUTOPSY_SECTIONS_H

#include "evidence.h"
#include "text.h"
#include "walk.h"

/* Column at which the content of a line begins, behind the name of its part. */
#define SECTION_INDENT 10

/* Begins a line with the part's name, and leaves the text at SECTION_INDENT. */
void section_title(struct text *text, const char *title);

/* How the guest died, what KVM said last, and where the registers come from. */
void section_death(struct text *text, const struct evidence *evidence);
/* vcpu_events: the exception or interrupt that was on its way. */
void section_events(struct text *text, const struct cpu_state *cpu);

/* General registers with RIP and RFLAGS; then segments with their hidden parts; then control and
 * debug registers, MSRs and table registers. */
void section_registers(struct text *text, const struct cpu_state *cpu);
void section_segments(struct text *text, const struct cpu_state *cpu);
void section_control(struct text *text, const struct cpu_state *cpu);

/* One page walk, level by level, with the guilty entry marked. what: "rip", "next push". */
void section_walk(
	struct text *text, const struct cpu_state *cpu, const char *what, const struct walk *walk);
/* The walks of RIP, of the next push and, where it says something, of CR2. */
void section_walks(struct text *text, const struct evidence *evidence, const struct cpu_state *cpu);
/* Words from the stack pointer up; bytes around the instruction pointer, <NN> being the first of
 * the instruction. */
void section_stack(struct text *text, const struct evidence *evidence, const struct cpu_state *cpu);
void section_code(struct text *text, const struct evidence *evidence, const struct cpu_state *cpu);

/* The last exits, at most max of them, with the names of ports. */
void section_exits(struct text *text, const struct evidence *evidence, unsigned max);
/* Ports and addresses that no device claims. */
void section_unclaimed(struct text *text, const struct evidence *evidence);
/* PICs and local APIC. */
void section_chips(struct text *text, const struct evidence *evidence);
/* The memory layout, with overlaps and damage. */
void section_regions(struct text *text, const struct evidence *evidence);
/* The last lines of the guest's log ring, at most max of them. */
void section_log(struct text *text, const struct evidence *evidence, unsigned max);
/* The single steps before the death in the second run. */
void section_trail(struct text *text, const struct evidence *evidence, unsigned max);
/* Where the guest was at the monitor's ticks, at most max places. */
void section_samples(struct text *text, const struct evidence *evidence, unsigned max);

#endif
