/* SPDX-License-Identifier: MIT */
/*
 * array_mem.h: guest memory for tests: an array that begins at guest-physical address 0.
 */
#ifndef TESTS_ARRAY_MEM_H
#define TESTS_ARRAY_MEM_H

#include <string.h>

#include "autopsy/phys_mem.h"

struct array_mem {
	uint8_t *bytes;
	size_t size;
};

static inline bool array_mem_read(const void *ctx, uint64_t gpa, void *buf, size_t n)
{
	const struct array_mem *array = ctx;

	if (gpa > array->size || n > array->size - gpa)
		return false;
	memcpy(buf, array->bytes + gpa, n);
	return true;
}

/* A view of array, which must live as long. */
static inline struct phys_mem array_mem_view(const struct array_mem *array)
{
	return (struct phys_mem){array_mem_read, array};
}

/* Writes the low n bytes of value, little-endian. */
static inline void array_mem_put(struct array_mem *array, uint64_t gpa, uint64_t value, unsigned n)
{
	if (gpa <= array->size && n <= array->size - gpa)
		memcpy(array->bytes + gpa, &value, n);
}

#endif
