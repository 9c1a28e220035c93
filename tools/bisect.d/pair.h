/* SPDX-License-Identifier: MIT */
/*
 * pair.h: two versions of a piece of code, instruction beside instruction.
 */
#ifndef BISECT_PAIR_H
#define BISECT_PAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "autopsy/cpu_state.h"
#include "autopsy/insn.h"
#include "autopsy/symbols.h"

struct pair_side {
	bool there;
	uint64_t address;
	uint8_t bytes[INSN_BYTES_MAX];
	unsigned length;
	char text[INSN_TEXT_MAX];
	char key[INSN_TEXT_MAX]; /* by which it is compared */
};

struct pair_row {
	struct pair_side good, bad;
	bool differs;
	bool decisive; /* some of what was found lies in it; set by the caller */
};

struct pair {
	struct pair_row *rows; /* owned */
	unsigned count;
};

/* One version: size bytes that are to be at that linear address, where they can be compared with
 * the other's; and what is shown of it: the same in its own program, by its own symbols. */
struct pair_code {
	const uint8_t *bytes, *own;
	uint64_t address, own_address, size;
	struct symbols *symbols;
};

/* Decodes both for the mode that cpu is in and aligns what is equal by the names in symbols. False
 * when memory is short. */
bool pair_make(struct pair *pair, const struct cpu_state *cpu, struct symbols *symbols,
	const struct pair_code *good, const struct pair_code *bad);
void pair_free(struct pair *pair);

/* Whether the row is to be shown: it differs, or is within `context` rows of one that does. */
bool pair_near(const struct pair *pair, unsigned row, unsigned context);

#endif
