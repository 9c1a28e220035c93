/* SPDX-License-Identifier: MIT */
/*
 * replay.c: recording input and giving it again.
 */
#include "replay.h"

#include <stdlib.h>

static bool make_room(struct replay *replay)
{
	size_t capacity = replay->capacity ? replay->capacity * 2 : 256;
	struct replay_byte *bytes;

	if (replay->count < replay->capacity)
		return true;
	bytes = realloc(replay->bytes, capacity * sizeof(*bytes));
	if (!bytes)
		return false;
	replay->bytes = bytes;
	replay->capacity = capacity;
	return true;
}

void replay_record(struct replay *replay, const struct input *input, uint64_t exits)
{
	while (replay->count < input->head && make_room(replay)) {
		uint8_t byte = input->bytes[replay->count % INPUT_SIZE];

		replay->bytes[replay->count++] = (struct replay_byte){exits, byte};
	}
}

bool replay_feed(const struct replay *replay, struct input *input, uint64_t exits)
{
	bool fed = false;

	while (input->head < replay->count && replay->bytes[input->head].exits <= exits &&
		input_put(input, &replay->bytes[input->head].byte, 1))
		fed = true;
	return fed;
}

void replay_free(struct replay *replay)
{
	free(replay->bytes);
	*replay = (struct replay){0};
}
