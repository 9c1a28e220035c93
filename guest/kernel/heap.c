/* SPDX-License-Identifier: MIT */
/*
 * heap.c: blocks side by side with boundary tags, free ones in lists by size. Sizes and distances
 * are kept in units of 16 bytes. A header is sealed with a checksum, so that a write before or far
 * behind a block shows.
 */
#include "heap.h"

#include "heap_block.h"
#include "string.h"

#define GROW_STEP  0x10000
#define MAX_SIZE   0xf0000000u
#define SEARCH_MAX 8 /* blocks looked at in a list whose blocks may be too small */

static void bin_insert(struct heap *heap, struct heap_block *block)
{
	unsigned bin = bin_of(block->units);
	struct heap_block *next = heap->bins[bin];

	*links_of(block) = (struct free_links){.next = next};
	if (next)
		links_of(next)->prev = block;
	heap->bins[bin] = block;
	heap->bins_used |= 1u << bin;
	heap->stats.free_bytes += capacity(block);
}

static void bin_forget(struct heap *heap, unsigned bin)
{
	heap->bins[bin] = NULL;
	heap->bins_used &= ~(1u << bin);
}

/* Where the list is damaged, all of it is given up. */
static void bin_remove(struct heap *heap, struct heap_block *block)
{
	unsigned bin = bin_of(block->units);
	struct free_links *links = links_of(block);

	heap->stats.free_bytes -= capacity(block);
	if (!heap_links_agree(heap, block)) {
		heap_report(heap, "freed memory was written to", links, block, true);
		bin_forget(heap, bin);
		return;
	}
	if (links->next)
		links_of(links->next)->prev = links->prev;
	if (links->prev)
		links_of(links->prev)->next = links->next;
	else
		heap->bins[bin] = links->next;
	if (!heap->bins[bin])
		bin_forget(heap, bin);
}

/* Tells the block behind (or the heap) how long this one is now. */
static void tell_next(struct heap *heap, const struct heap_block *block)
{
	struct heap_block *next = next_block(heap, block);

	if (next) {
		next->prev = block->units;
		seal(next);
	} else {
		heap->last = block->units;
	}
}

void heap_init(struct heap *heap, uintptr_t base, uintptr_t limit,
	bool (*grow)(struct heap *heap, size_t bytes),
	void (*fault)(struct heap *heap, const struct heap_fault *fault), void *ctx)
{
	*heap = (struct heap){
		.base = base,
		.end = base,
		.limit = limit,
		.poison = 64,
		.grow = grow,
		.fault = fault,
		.ctx = ctx,
	};
}

/* A free block at the end of the heap with at least `units`, not in a list; NULL: no memory. */
static struct heap_block *grow(struct heap *heap, uint32_t units)
{
	size_t bytes = ((size_t)units * UNIT + GROW_STEP - 1) / GROW_STEP * GROW_STEP;
	struct heap_block *block = block_at(heap->end), *last = NULL;

	if (bytes > heap->limit - heap->end || !heap->grow(heap, bytes))
		return NULL;
	if (heap->last)
		last = block_at(heap->end - (size_t)heap->last * UNIT);
	heap->end += bytes;
	if (last && last->state == STATE_FREE) {
		bin_remove(heap, last);
		last->units += (uint32_t)(bytes / UNIT);
		block = last;
	} else {
		*block = (struct heap_block){
			.state = STATE_FREE, .units = (uint32_t)(bytes / UNIT), .prev = heap->last};
	}
	heap->last = block->units;
	return block;
}

/* Takes a block of at least `units` out of its list; NULL: there is none. */
static struct heap_block *take(struct heap *heap, uint32_t units)
{
	unsigned bin = bin_of(units);
	struct heap_block *block = heap->bins[bin];
	uint32_t larger = heap->bins_used & ~((2u << bin) - 1);

	for (unsigned i = 0; block && block->units < units; i++)
		block = i < SEARCH_MAX ? heap_next_free(heap, block) : NULL;
	if (!block && larger)
		block = heap->bins[__builtin_ctz(larger)];
	if (block)
		bin_remove(heap, block);
	return block;
}

/* Cuts the block down to `units`; the rest, if it is worth a block, becomes free. The block behind
 * is not free. */
static void split(struct heap *heap, struct heap_block *block, uint32_t units)
{
	struct heap_block *rest;

	if (block->units - units < MIN_UNITS)
		return;
	rest = block_at((uintptr_t)block + (size_t)units * UNIT);
	*rest = (struct heap_block){
		.state = STATE_FREE, .units = block->units - units, .prev = units};
	block->units = units;
	seal(rest);
	tell_next(heap, rest);
	bin_insert(heap, rest);
}

static uint32_t units_for(size_t size)
{
	uint32_t units = (uint32_t)((size + RED_ZONE + UNIT - 1) / UNIT + HEADER_UNITS);

	return units < MIN_UNITS ? MIN_UNITS : units;
}

static void make_used(struct heap_block *block, size_t size, const char *owner, uintptr_t caller)
{
	block->state = STATE_USED;
	block->size = (uint32_t)size;
	block->owner = owner;
	block->caller = (uint32_t)caller;
	seal(block);
	heap_fill_red_zone(block);
}

static void count_used(struct heap *heap, size_t size)
{
	heap->stats.used_blocks++;
	heap->stats.used_bytes += size;
	if (heap->stats.used_bytes > heap->stats.peak_bytes)
		heap->stats.peak_bytes = heap->stats.used_bytes;
}

static void uncount_used(struct heap *heap, size_t size)
{
	heap->stats.used_blocks--;
	heap->stats.used_bytes -= size;
}

/* A free block that nobody wrote to, out of its list; a damaged one is told of and given up. */
static struct heap_block *take_sound(struct heap *heap, uint32_t units)
{
	struct heap_block *block = take(heap, units);
	const uint8_t *bad;

	if (!block)
		return grow(heap, units);
	bad = block->seal == seal_of(block) ? heap_poison_damage(block) : (const void *)block;
	if (!bad)
		return block;
	heap_report(heap, "freed memory was written to", bad, block, bad != (const void *)block);
	make_used(block, 0, "damaged", 0);
	return NULL;
}

void *heap_alloc(struct heap *heap, size_t size, const char *owner, uintptr_t caller)
{
	uint32_t units = units_for(size);
	struct heap_block *block = size <= MAX_SIZE ? take_sound(heap, units) : NULL;

	if (!block) {
		heap->stats.failures++;
		return NULL;
	}
	split(heap, block, units);
	make_used(block, size, owner, caller);
	heap->stats.allocs++;
	count_used(heap, size);
	return memory_of(block);
}

/* The used block that a user's pointer names, after all checks; NULL after telling fault(). */
static struct heap_block *checked_block(struct heap *heap, void *pointer)
{
	uintptr_t address = (uintptr_t)pointer;
	struct heap_block *block;
	const uint8_t *bad;

	if (address % UNIT || address < heap->base + sizeof(*block) || address >= heap->end) {
		heap_report(heap, "a pointer that is not from this heap", pointer, NULL, false);
		return NULL;
	}
	block = (struct heap_block *)pointer - 1;
	if (block->seal != seal_of(block)) {
		heap_report(heap, "the header of a block was overwritten", block, block, false);
		return NULL;
	}
	if (block->state != STATE_USED) {
		heap_report(heap, "a block was freed twice", pointer, block, true);
		return NULL;
	}
	bad = heap_red_zone_damage(block);
	if (bad) {
		heap_report(heap, "memory behind a block was written to", bad, block, true);
		return NULL;
	}
	return block;
}

static void absorb_next(struct heap *heap, struct heap_block *block)
{
	struct heap_block *next = next_block(heap, block);

	if (!next || next->state != STATE_FREE)
		return;
	bin_remove(heap, next);
	block->units += next->units;
}

/* The block becomes free and joins its free neighbours. */
static void release(struct heap *heap, struct heap_block *block, uintptr_t caller)
{
	struct heap_block *prev = prev_block(block);

	absorb_next(heap, block);
	if (prev && prev->state == STATE_FREE) {
		bin_remove(heap, prev);
		prev->units += block->units;
		block = prev;
	} else {
		block->state = STATE_FREE;
		block->caller = (uint32_t)caller;
		heap_poison_block(heap, block);
	}
	seal(block);
	tell_next(heap, block);
	bin_insert(heap, block);
}

void heap_free(struct heap *heap, void *pointer, uintptr_t caller)
{
	struct heap_block *block = pointer ? checked_block(heap, pointer) : NULL;

	if (!block)
		return;
	heap->stats.frees++;
	uncount_used(heap, block->size);
	release(heap, block, caller);
}

/* Makes the block as long as `units` say, if it is or if the free block behind has enough. */
static bool resize_in_place(struct heap *heap, struct heap_block *block, uint32_t units)
{
	struct heap_block *next = next_block(heap, block);
	uint32_t room = block->units;

	if (next && next->state == STATE_FREE)
		room += next->units;
	if (room < units)
		return false;
	absorb_next(heap, block);
	tell_next(heap, block);
	split(heap, block, units);
	return true;
}

void *heap_realloc(
	struct heap *heap, void *pointer, size_t size, const char *owner, uintptr_t caller)
{
	struct heap_block *block;
	size_t old_size;
	void *moved;

	if (!pointer)
		return heap_alloc(heap, size, owner, caller);
	block = checked_block(heap, pointer);
	if (!block || size > MAX_SIZE)
		return NULL;
	old_size = block->size;
	if (resize_in_place(heap, block, units_for(size))) {
		make_used(block, size, owner, caller);
		uncount_used(heap, old_size);
		count_used(heap, size);
		return pointer;
	}
	moved = heap_alloc(heap, size, owner, caller);
	if (!moved)
		return NULL;
	memcpy(moved, pointer, old_size < size ? old_size : size);
	heap_free(heap, pointer, caller);
	return moved;
}
