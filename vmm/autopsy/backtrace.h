/* SPDX-License-Identifier: MIT */
/*
 * backtrace.h: who called whom, from the registers and the stack, each frame with how it was found.
 * The stack is evidence, not truth: it may be overwritten, and what only looks like a frame is
 * marked so.
 */
#ifndef AUTOPSY_BACKTRACE_H
#define AUTOPSY_BACKTRACE_H

#include "cpu_state.h"
#include "phys_mem.h"
#include "symbols.h"

#define BACKTRACE_MAX 48

enum frame_source {
	FRAME_REGISTERS,   /* the first: RIP itself */
	FRAME_CFI,         /* call-frame information of the file */
	FRAME_RETURN_SLOT, /* the word at RSP, where the code at RIP has not moved RSP yet or cannot
	                      be run */
	FRAME_POINTER,     /* the chain of saved frame pointers */
	FRAME_INTERRUPTED, /* an exception or interrupt frame on the stack: what ran before the
	                      handler */
	FRAME_SCAN, /* a guess: the next word on the stack that is an address behind a call */
};

struct backtrace_frame {
	uint64_t rip; /* offset in CS; a return address unless exact */
	uint64_t rsp; /* the stack pointer in that frame */
	uint64_t rbp; /* valid when has_rbp */
	bool has_rbp;
	bool guess; /* found by searching the stack: may be left over from an earlier call */
	bool exact; /* rip is the next instruction of the frame, not the one behind a call */
	enum frame_source source;
};

enum backtrace_end {
	BACKTRACE_OUTERMOST,  /* a return address or frame pointer of 0, or CFI says so */
	BACKTRACE_FULL,       /* there are more frames than BACKTRACE_MAX */
	BACKTRACE_UNREADABLE, /* the stack goes on in memory that is not mapped */
	BACKTRACE_LOST,       /* nothing on the stack looks like a caller */
};

struct backtrace {
	struct backtrace_frame frame[BACKTRACE_MAX];
	unsigned count; /* at least 1 */
	enum backtrace_end end;
};

/* Frames from cpu outwards; symbols may be NULL. Never fails; in 16-bit code only the first frame
 * is given. */
void backtrace_make(const struct phys_mem *mem, const struct cpu_state *cpu,
	struct symbols *symbols, struct backtrace *out);

/* The linear address that names the frame's function and line: the call, not the instruction behind
 * it. */
uint64_t backtrace_lookup_address(const struct cpu_state *cpu, const struct backtrace_frame *frame);

/* "cfi", "scan", ...; "the chain of frame pointers", ...: static. */
const char *frame_source_word(enum frame_source source);
const char *frame_source_text(enum frame_source source);
const char *backtrace_end_text(enum backtrace_end end);

#endif
