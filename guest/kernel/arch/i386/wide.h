/* SPDX-License-Identifier: MIT */
/*
 * wide.h: i386: CR4.OSXSAVE stays off, and without it no CPU has registers wider than SSE's. The
 * KVMs that do not heed it (arch/x86_64/wide.h) cannot run this kernel.
 */
#ifndef WIDE_H
#define WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trap_frame;

#define WIDE_X87 1ull
#define WIDE_SSE 2ull

#define WIDE_FIRST 2
#define WIDE_END   2

struct wide_part {
	uint16_t offset, size;
};

static inline struct wide_part wide_part(unsigned i)
{
	return (struct wide_part){0, 0};
}

static inline void wide_init(void)
{
}

static inline size_t wide_size(void)
{
	return 0;
}

static inline uint64_t wide_features(void)
{
	return 0;
}

static inline uint8_t *wide_create(void)
{
	return NULL;
}

static inline void wide_destroy(uint8_t *area)
{
}

static inline void wide_switch(uint8_t *from, const uint8_t *to)
{
}

static inline bool wide_trap(struct trap_frame *frame)
{
	return false;
}

#endif
