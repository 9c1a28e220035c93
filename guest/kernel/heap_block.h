/* SPDX-License-Identifier: MIT */
/*
 * heap_block.h: the blocks that a heap is made of: between heap.c, which hands them out, and
 * heap_guard.c, which looks for damage.
 */
#ifndef KERNEL_HEAP_BLOCK_H
#define KERNEL_HEAP_BLOCK_H

#include "heap.h"

#define UNIT 16

/* Bytes of red zone at least; the rest of the block's last unit belongs to it too. */
#define RED_ZONE   8
#define RED_WORD   0xfdfdfdfdfdfdfdfdull
#define POISON     0x6b6b6b6b6b6b6b6bull
#define STATE_USED 0x44455355u
#define STATE_FREE 0x45455246u

struct heap_block {
	uint32_t seal;
	uint32_t state;
	uint32_t units; /* header included */
	uint32_t prev;  /* units of the block before; 0: this is the first */
	uint32_t size;  /* used: bytes asked for; free: bytes poisoned */
	uint32_t caller;
	const char *owner;
} __attribute__((aligned(UNIT)));

/* What a free block's memory begins with. */
struct free_links {
	struct heap_block *next, *prev;
};

#define HEADER_UNITS (sizeof(struct heap_block) / UNIT)
#define MIN_UNITS    (HEADER_UNITS + 1)

_Static_assert(sizeof(struct free_links) <= UNIT, "links fit in the smallest block");

static inline void *memory_of(const struct heap_block *block)
{
	return (void *)(block + 1);
}

static inline struct free_links *links_of(const struct heap_block *block)
{
	return memory_of(block);
}

static inline size_t capacity(const struct heap_block *block)
{
	return (size_t)block->units * UNIT - sizeof(*block);
}

static inline struct heap_block *block_at(uintptr_t address)
{
	return (struct heap_block *)address;
}

static inline struct heap_block *next_block(const struct heap *heap, const struct heap_block *block)
{
	uintptr_t next = (uintptr_t)block + (size_t)block->units * UNIT;

	return next < heap->end ? block_at(next) : NULL;
}

static inline struct heap_block *prev_block(const struct heap_block *block)
{
	return block->prev ? block_at((uintptr_t)block - (size_t)block->prev * UNIT) : NULL;
}

static inline uint32_t seal_of(const struct heap_block *block)
{
	uint64_t owner = (uintptr_t)block->owner;

	return (block->units * 0x9e3779b1u ^ block->prev ^ block->state ^ block->size) +
	       (block->caller ^ (uint32_t)(owner ^ owner >> 32));
}

static inline void seal(struct heap_block *block)
{
	block->seal = seal_of(block);
}

static inline unsigned bin_of(uint32_t units)
{
	return 31 - (unsigned)__builtin_clz(units);
}

/* Tells fault() of damage in terms of the block's user; sound: the header's words can be believed.
 */
void heap_report(struct heap *heap, const char *what, const void *where,
	const struct heap_block *block, bool sound);

/* The red zone goes from what was asked for to the end of the block. */
void heap_fill_red_zone(struct heap_block *block);

/* First bad byte of the red zone, or NULL. */
const uint8_t *heap_red_zone_damage(const struct heap_block *block);

/* Poisons as much of a free block as the heap wants, and notes how much. */
void heap_poison_block(const struct heap *heap, struct heap_block *block);

/* First bad byte of what was poisoned, or NULL. */
const uint8_t *heap_poison_damage(const struct heap_block *block);

/* The next free block of the list, NULL at its end and where it is broken. */
struct heap_block *heap_next_free(const struct heap *heap, const struct heap_block *block);

/* Whether a free block's links and those of its neighbours in the list agree. */
bool heap_links_agree(const struct heap *heap, const struct heap_block *block);

#endif
