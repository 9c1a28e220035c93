/* SPDX-License-Identifier: MIT */
/*
 * cfi.h: one unwinding step by call-frame information. Registers have their DWARF numbers here, and
 * memory is a function: this code knows ELF files and nothing of the CPU.
 */
#ifndef AUTOPSY_CFI_H
#define AUTOPSY_CFI_H

#include "symbols.h"

#define CFI_REGS_MAX 16

/* System V ABI: AMD64, figure 3.36; i386, table 2.14. */
#define CFI_RSP_64 7
#define CFI_ESP_32 4

struct cfi_frame {
	unsigned word; /* 8: 16 registers, 4: 8 registers */
	uint64_t reg[CFI_REGS_MAX];
	unsigned known; /* 1 << number */
	uint64_t rip;
	bool exact; /* rip is the next instruction of the frame, not the one behind a call */
};

/* Reads one word of the stack. */
typedef bool cfi_read_fn(const void *ctx, uint64_t offset, uint64_t *value);

enum cfi_result {
	CFI_NONE,     /* nothing is known about that address, or it cannot be evaluated */
	CFI_UNWOUND,  /* frame is the caller's now */
	CFI_OUTERMOST /* there is no caller */
};

/* pc: the linear address to look frame->rip up with (one less for a return address). */
enum cfi_result cfi_unwind(struct symbols *symbols, uint64_t pc, cfi_read_fn *read, const void *ctx,
	struct cfi_frame *frame);

#endif
