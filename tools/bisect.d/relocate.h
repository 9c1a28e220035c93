/* SPDX-License-Identifier: MIT */
/*
 * relocate.h: moving linked code and data to another address in another program: every address in
 * it is replaced by that of its counterpart. What is an address is told by the instruction for
 * branches and RIP-relative operands, and by its value (it lies in the program) for others.
 */
#ifndef BISECT_RELOCATE_H
#define BISECT_RELOCATE_H

#include <stdbool.h>
#include <stdint.h>

#include "autopsy/cpu_state.h"

#define RELOCATE_OPEN_MAX 64

struct relocation {
	const uint8_t *from; /* size bytes that were linked for address `old` */
	uint64_t size, old, now;
	const struct cpu_state *cpu; /* mode of code */
	/* Whether the value is an address of the old program. */
	bool (*is_address)(void *ctx, uint64_t value);
	/* Its counterpart; false when there is none. */
	bool (*map)(void *ctx, uint64_t old, uint64_t *now);
	void *ctx;
};

/* Addresses that have no counterpart: where the fields are, and what they hold. */
struct relocate_open {
	struct {
		uint32_t offset, size;
		uint64_t value;
		bool relative;
		uint32_t end; /* relative: offset of what the field is added to */
	} field[RELOCATE_OPEN_MAX];
	unsigned count;
};

/* Writes the moved bytes to `to`. Fields without a counterpart, or that cannot reach it, stay as
 * they were and are listed; false when there are more than fit in the list. */
bool relocate_code(const struct relocation *relocation, uint8_t *to, struct relocate_open *open);

/* The same for data: aligned words of `word` bytes (4 or 8). */
bool relocate_data(const struct relocation *relocation, unsigned word, uint8_t *to,
	struct relocate_open *open);

#endif
