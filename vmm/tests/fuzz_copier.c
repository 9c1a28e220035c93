/* SPDX-License-Identifier: MIT */
/*
 * fuzz_copier.c: any memory and any values at the copy port: it stays within RAM and comes to an
 * end.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "copier.h"

#define RAM 0x2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* On the heap, so that ASan sees what goes beyond. */
static const void *ram_at(void *ctx, uint64_t gpa, uint64_t n)
{
	return gpa < RAM && n <= RAM - gpa ? (uint8_t *)ctx + gpa : NULL;
}

static bool ram_store(void *ctx, uint64_t gpa, const void *from, uint8_t byte, uint64_t n)
{
	if (from)
		memmove((uint8_t *)ctx + gpa, from, n);
	else
		memset((uint8_t *)ctx + gpa, byte, n);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *ram = calloc(1, RAM);
	struct copier_memory memory = {ram_at, ram_store, ram};
	struct bus bus = {0};
	struct copier copier;
	struct error err;

	if (!ram || !copier_init(&copier, &bus, &memory, &err))
		abort();
	for (size_t at = 0; at < size && at < RAM; at++)
		ram[at] = data[at];
	for (size_t at = 0; at + 4 <= size && at < 32; at += 4) {
		struct io io = {.size = 4, .write = true};

		memcpy(&io.value, data + at, 4);
		bus_access(&bus, 0x503, &io);
		io.value = (at / 4) * sizeof(uint64_t) * 4;
		bus_access(&bus, 0x503, &io);
	}
	free(ram);
	return 0;
}
