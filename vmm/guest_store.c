/* SPDX-License-Identifier: MIT */
/*
 * guest_store.c: plain copying, unless somebody watches the memory.
 */
#include "guest_store.h"

#include <stdlib.h>
#include <string.h>

#include "machine.h"

/* The bytes are noted one after the other, so those that come must not change meanwhile. */
static bool store_watched(
	const struct machine *machine, uint64_t gpa, const void *from, uint8_t byte, uint64_t n)
{
	uint8_t *data = malloc(n);

	if (!data)
		return false;
	if (from)
		memcpy(data, from, n);
	else
		memset(data, byte, n);
	watch_store(machine->watch, machine->current, gpa, data, n);
	free(data);
	return true;
}

bool guest_store(void *ctx, uint64_t gpa, const void *from, uint8_t byte, uint64_t n)
{
	const struct machine *machine = ctx;
	void *to = memory_at(&machine->mem, gpa, n);

	memory_note_write(&machine->mem, gpa, n);
	if (machine->watch && watch_touches(machine->watch, gpa, n))
		return store_watched(machine, gpa, from, byte, n);
	if (from)
		memmove(to, from, n);
	else
		memset(to, byte, n);
	return true;
}
