/* SPDX-License-Identifier: MIT */
/*
 * input.h: bytes typed at the console, waiting for whichever device the guest reads. The serial
 * port, the keyboard and the byte hypercall all offer the same next byte; the one that is read
 * takes it. Whoever calls these functions holds the lock that devices run under.
 */
#ifndef VMM_INPUT_H
#define VMM_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_SIZE 4096 /* a power of two */

struct input {
	uint8_t bytes[INPUT_SIZE];
	size_t head, tail; /* counts of bytes ever put and taken */
	bool closed;       /* no more will come */
	/* Called at the first look of a guest at its input: start reading. May put bytes at once.
	 */
	void (*wanted)(void *ctx);
	/* Called when a full ring has become half empty: go on reading. */
	void (*drained)(void *ctx);
	void *ctx;
	bool asked;
	/* The device whose receive interrupt the guest has enabled, NULL: none. The keyboard then
	 * stays out of the way: a guest that drives both would get its input at whichever interrupt
	 * happens to come first. */
	const void *reserved;
};

/* Is there a byte? Does not count as a look. */
static inline bool input_ready(const struct input *input)
{
	return input->head != input->tail;
}

/* Next byte without taking it; false when there is none. Counts as a look. */
bool input_peek(struct input *input, uint8_t *byte);

/* Takes the next byte; false when there is none. */
bool input_take(struct input *input, uint8_t *byte);

/* How many more bytes fit. */
size_t input_space(const struct input *input);

/* Adds n bytes; returns how many fitted. */
size_t input_put(struct input *input, const uint8_t *bytes, size_t n);

#endif
