/* SPDX-License-Identifier: MIT */
/*
 * unwind.h: what the ways of unwinding share: the registers of one frame and the memory that they
 * look at. Internal to backtrace.c, cfi.c and stack_look.c.
 */
#ifndef AUTOPSY_UNWIND_H
#define AUTOPSY_UNWIND_H

#include "backtrace.h"
#include "insn.h"

struct unwind {
	const struct phys_mem *mem;
	const struct cpu_state *cpu;
	struct symbols *symbols; /* may be NULL */
	unsigned word;           /* 4 or 8 bytes */
};

/* The registers of a frame, as far as they are known. */
struct unwind_regs {
	uint64_t gpr[GPR_COUNT];
	unsigned known; /* 1 << enum x86_gpr */
	uint64_t rip;
	bool exact;
};

/* Reads n bytes of the stack at an offset in SS, whatever the access rights. */
bool unwind_read_stack(const struct unwind *unwind, uint64_t offset, void *buf, size_t n);
/* One word of the stack, zero-extended. */
bool unwind_read_word(const struct unwind *unwind, uint64_t offset, uint64_t *value);

/* Decodes the instruction at a linear address; false when there is none. */
bool unwind_decode(const struct unwind *unwind, uint64_t linear, struct insn *insn);

/* True when code can be executed at an offset in CS. */
bool unwind_is_code(const struct unwind *unwind, uint64_t rip);
/* True when it is code and a call instruction ends there. */
bool unwind_is_return_address(const struct unwind *unwind, uint64_t rip);

/* An exception frame: RIP, CS, RFLAGS and, in 64-bit mode or from an outer level, RSP and SS. */
struct unwind_interrupt {
	uint64_t rip, rsp;
	bool has_rsp;
	unsigned size; /* bytes on the stack */
};

/* True when the words at offset can only be such a frame. */
bool unwind_is_interrupt_frame(
	const struct unwind *unwind, uint64_t offset, struct unwind_interrupt *out);

#endif
