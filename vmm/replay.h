/* SPDX-License-Identifier: MIT */
/*
 * replay.h: what was typed, and when by the guest's own clock of exits, so that a second run gets
 * the same input.
 */
#ifndef VMM_REPLAY_H
#define VMM_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "input.h"

struct replay {
	struct replay_byte {
		uint64_t exits; /* of the first vCPU when the byte came */
		uint8_t byte;
	} * bytes;
	size_t count, capacity; /* count equals the input's head: bytes ever put */
};

/* Notes the bytes that were put into the input since the last call. When memory is short, what
 * follows is lost. */
void replay_record(struct replay *replay, const struct input *input, uint64_t exits);

/* Puts into the input what had come by then in the first run. True when there was something. */
bool replay_feed(const struct replay *replay, struct input *input, uint64_t exits);

/* Frees the record; replay is empty then. */
void replay_free(struct replay *replay);

#endif
