/* SPDX-License-Identifier: MIT */
/*
 * answer_value.h: what a data object holds in GOOD and in BAD.
 */
#ifndef BISECT_ANSWER_VALUE_H
#define BISECT_ANSWER_VALUE_H

#include "answer.h"

struct object_value {
	const uint8_t *bytes; /* as its own program has them */
	const uint8_t *moved; /* as they can be compared with the other's */
	uint64_t size;
	struct symbols *symbols; /* of its own program */
};

struct object_values {
	struct object_value good, bad;
};

/* Of a change that is an atom (a symbol), and no code. */
void answer_values(
	const struct answer *answer, const struct change *change, struct object_values *values);

/* "    0x5 -> 0x6" and the like. */
void answer_print_values(const struct answer *answer, const struct change *change, FILE *to);

#endif
