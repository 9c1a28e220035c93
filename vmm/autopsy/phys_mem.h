/* SPDX-License-Identifier: MIT */
/*
 * phys_mem.h: the only way in which the autopsy sees a guest's physical memory. KVM's memory, a
 * core file, an array in a test and a fuzzer's input are implementations of it.
 */
#ifndef AUTOPSY_PHYS_MEM_H
#define AUTOPSY_PHYS_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct phys_mem {
	/* Copies n bytes at guest-physical address gpa to buf. False, with buf untouched or part
	 * filled, when any byte of the range is not RAM. */
	bool (*read)(const void *ctx, uint64_t gpa, void *buf, size_t n);
	const void *ctx; /* owned by whoever made the phys_mem */
};

static inline bool phys_read(const struct phys_mem *mem, uint64_t gpa, void *buf, size_t n)
{
	return mem->read(mem->ctx, gpa, buf, n);
}

#endif
