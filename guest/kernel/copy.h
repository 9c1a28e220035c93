/* SPDX-License-Identifier: MIT */
/*
 * copy.h: much memory copied or cleared. Where an emulator runs the kernel, each round of a string
 * instruction is as dear as any instruction, and vmm has a port that does it for the price of a
 * few (VMM_HOST_COPY); elsewhere the instructions are better. Never for page tables.
 */
#ifndef KERNEL_COPY_H
#define KERNEL_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot.h"

/* Frames as the direct map has them: n bytes from physical address `from` to `to`; n zeros. */
void phys_copy(uint64_t to, uint64_t from, size_t n);
void phys_clear(uint64_t to, size_t n);

/* Bytes from which on the walks through the page tables pay. */
#define COPY_PAGES_LEAST 512

/* Whether n bytes are better copied by copy_pages(). */
static inline bool copy_pages_pay(size_t n)
{
	return n >= COPY_PAGES_LEAST && boot.host & VMM_HOST_COPY;
}

/* Copies n bytes between addresses of the kernel, or of the current process, whose pages come as by
 * a fault. Returns how many bytes were copied: what stopped it is for the
 * caller's own instructions to find out. */
size_t copy_pages(uintptr_t to, uintptr_t from, size_t n);

#define COPY_ZEROS UINTPTR_MAX /* where zeros come from */

/* memcpy() for much. */
void copy_memory(void *to, const void *from, size_t n);

#endif
