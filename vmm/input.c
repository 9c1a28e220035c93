/* SPDX-License-Identifier: MIT */
/*
 * input.c: the ring of typed bytes that all input devices share.
 */
#include "input.h"

static void input_look(struct input *input)
{
	if (input->asked)
		return;
	input->asked = true;
	if (input->wanted)
		input->wanted(input->ctx);
}

bool input_peek(struct input *input, uint8_t *byte)
{
	input_look(input);
	if (!input_ready(input))
		return false;
	*byte = input->bytes[input->tail % INPUT_SIZE];
	return true;
}

bool input_take(struct input *input, uint8_t *byte)
{
	if (!input_peek(input, byte))
		return false;
	input->tail++;
	if (input->head - input->tail == INPUT_SIZE / 2 && input->drained)
		input->drained(input->ctx);
	return true;
}

size_t input_space(const struct input *input)
{
	return INPUT_SIZE - (input->head - input->tail);
}

size_t input_put(struct input *input, const uint8_t *bytes, size_t n)
{
	size_t space = input_space(input);

	if (n > space)
		n = space;
	for (size_t i = 0; i < n; i++)
		input->bytes[input->head++ % INPUT_SIZE] = bytes[i];
	return n;
}
