/* SPDX-License-Identifier: MIT */
/*
 * copy.h: much memory copied or cleared. Where an emulator runs the kernel, each round of a string
 * instruction is as dear as any instruction, and vmm has a port that does it for the price of a
 * few (VMM_HOST_COPY); elsewhere this is memcpy() and memset(). Never for page tables.
 */
#ifndef KERNEL_COPY_H
#define KERNEL_COPY_H

#include <stddef.h>
#include <stdint.h>

/* Frames as the direct map has them: n bytes from physical address `from` to `to`; n zeros. */
void phys_copy(uint64_t to, uint64_t from, size_t n);
void phys_clear(uint64_t to, size_t n);

#endif
