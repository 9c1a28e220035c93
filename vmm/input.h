/* SPDX-License-Identifier: MIT */
/*
 * input.h: bytes typed at the console, waiting for whichever device the guest reads. The serial
 * port, the keyboard and the byte hypercall all offer the same next byte; the one that is read
 * takes it.
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
	void (*wanted)(
		void *ctx); /* called at the first look of a guest at its input: start reading */
	void *ctx;
	bool asked;
};

/* Next byte without taking it; false when there is none. Counts as a look. */
bool input_peek(struct input *input, uint8_t *byte);

/* Takes the next byte; false when there is none. */
bool input_take(struct input *input, uint8_t *byte);

/* Adds n bytes; returns how many fitted. */
size_t input_put(struct input *input, const uint8_t *bytes, size_t n);

#endif
