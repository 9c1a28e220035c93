/* SPDX-License-Identifier: MIT */
/*
 * listing.h: the instructions around an address, in order, for the reports.
 */
#ifndef AUTOPSY_LISTING_H
#define AUTOPSY_LISTING_H

#include "cpu_state.h"
#include "insn.h"
#include "phys_mem.h"
#include "symbols.h"

#define LISTING_BEFORE 6
#define LISTING_AFTER  6
#define LISTING_MAX    (LISTING_BEFORE + 1 + LISTING_AFTER)

struct listing_line {
	uint64_t address; /* linear */
	uint64_t rip;
	uint8_t bytes[INSN_BYTES_MAX];
	unsigned length;
	bool current; /* the instruction at CS:RIP */
	char text[INSN_TEXT_MAX];
};

struct listing {
	struct listing_line line[LISTING_MAX];
	unsigned count; /* 0: the code at CS:RIP cannot be read */
};

/* Decodes from the start of the function that RIP is in, or, without a symbol, from RIP on. Lines
 * before RIP are there only when decoding arrives at it. Ends before the next function. symbols may
 * be empty. */
void listing_make(const struct phys_mem *mem, const struct cpu_state *cpu, struct symbols *symbols,
	struct listing *listing);

#endif
