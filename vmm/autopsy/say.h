/* SPDX-License-Identifier: MIT */
/*
 * say.h: building a verdict's sentences in a buffer of fixed size: what does not fit is cut.
 */
#ifndef AUTOPSY_SAY_H
#define AUTOPSY_SAY_H

#include "findings.h"

struct say {
	char *text;
	size_t size, used; /* used < size; text is always terminated */
};

/* Begins an empty text in buf, which has n bytes; with none, nothing is kept. */
struct say say_begin(char *buf, size_t n);

/* Appends as printf() does. */
void say_add(struct say *say, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "touch+0x4 (mm.c:12)", "0x1010 in .bss", "0x1010". */
void say_place(struct say *say, const struct place *place);

/* "const_table+0x8 (0x201008, .rodata)": the same for data. */
void say_data(struct say *say, const struct place *place);

/* "#PF", "#DF", "vector 0x30". */
void say_vector(struct say *say, uint8_t vector);

/* The cause of the first event: "touch+0x4 (mm.c:12), mov 0x10(%rbx),%rax, raised #PF". */
void say_first(struct say *say, const struct findings *findings);

/* "RBX = 0x10": the registers of the memory operand that the fault is about; nothing when there are
 * none. */
void say_operand_registers(struct say *say, const struct findings *findings);

/* "RSP = 0x208000", "ESP = 0x208000". */
void say_stack_pointer(struct say *say, const struct findings *findings);

/* Why the CPU could not deliver the first event: one sentence with a leading blank, nothing when
 * the chain is not known. */
void say_delivery(struct say *say, const struct findings *findings);

/* Who wrote there, as one sentence with a leading blank; nothing when that is not known. */
void say_writer(struct say *say, const struct findings *findings);

/* The walk of the first event's address, in parentheses. */
void say_walk(struct say *say, const struct findings *findings);

/* A sentence of the first event, a page fault: who, at which address, what stopped the walk. */
void say_page_fault(struct say *say, const struct findings *findings);

#endif
