/* SPDX-License-Identifier: MIT */
/*
 * heap_guard.c: how the heap finds damage: seals, red zones, poison, and the agreement of lists
 * with blocks.
 */
#include "heap_block.h"
#include "string.h"

/* Reports are about the block as its user knows it; an unsound header's words are left out. */
void heap_report(struct heap *heap, const char *what, const void *where,
	const struct heap_block *block, bool sound)
{
	struct heap_fault fault = {.what = what, .where = where};

	if (block)
		fault.block = memory_of(block);
	if (block && sound) {
		fault.size = block->state == STATE_USED ? block->size : 0;
		fault.owner = block->owner;
		fault.caller = (uintptr_t)(intptr_t)(int32_t)block->caller;
	}
	heap->fault(heap, &fault);
}

/* Whether a link found in a free block, which anyone may have written to, leads to a place where a
 * block can be. */
static bool link_valid(const struct heap *heap, const struct heap_block *to)
{
	uintptr_t address = (uintptr_t)to;

	return address % UNIT == 0 && address >= heap->base &&
	       address + sizeof(*to) + sizeof(struct free_links) <= heap->end;
}

/* The next free block of the list, NULL at its end and where it is broken. */
struct heap_block *heap_next_free(const struct heap *heap, const struct heap_block *block)
{
	struct heap_block *next = links_of(block)->next;

	return next && link_valid(heap, next) ? next : NULL;
}

/* Whether the block's links and those of its neighbours in the list agree. */
bool heap_links_agree(const struct heap *heap, const struct heap_block *block)
{
	struct heap_block *next = links_of(block)->next, *prev = links_of(block)->prev;

	if (next && !(link_valid(heap, next) && links_of(next)->prev == block))
		return false;
	if (!prev)
		return heap->bins[bin_of(block->units)] == block;
	return link_valid(heap, prev) && links_of(prev)->next == block;
}

static uint64_t load_word(const uint8_t *from)
{
	uint64_t word;

	__builtin_memcpy(&word, from, sizeof(word));
	return word;
}

/* The red zone from what was asked for to the end of the block: whole words, the last of which may
 * overlap. */
void heap_fill_red_zone(struct heap_block *block)
{
	const uint64_t word = RED_WORD;
	uint8_t *memory = memory_of(block);
	size_t at = block->size, last = capacity(block) - sizeof(word);

	for (; at < last; at += sizeof(word))
		__builtin_memcpy(memory + at, &word, sizeof(word));
	__builtin_memcpy(memory + last, &word, sizeof(word));
}

/* First bad byte of the red zone, or NULL. */
const uint8_t *heap_red_zone_damage(const struct heap_block *block)
{
	const uint8_t *memory = memory_of(block);
	size_t at = block->size, last = capacity(block) - sizeof(uint64_t);

	while (at < last && load_word(memory + at) == RED_WORD)
		at += sizeof(uint64_t);
	if (at > last)
		at = last;
	if (load_word(memory + at) == RED_WORD)
		return NULL;
	return memory + at + __builtin_ctzll(load_word(memory + at) ^ RED_WORD) / 8;
}

void heap_poison_block(const struct heap *heap, struct heap_block *block)
{
	size_t room = capacity(block) - sizeof(struct free_links);

	block->size = (uint32_t)(room < heap->poison ? room : heap->poison) & ~7u;
	memset(links_of(block) + 1, (uint8_t)POISON, block->size);
}

/* First bad byte of what was poisoned, or NULL. */
const uint8_t *heap_poison_damage(const struct heap_block *block)
{
	const uint64_t *word = (const uint64_t *)(links_of(block) + 1);

	for (size_t n = block->size / sizeof(*word); n; n--, word++) {
		if (*word != POISON)
			return (const uint8_t *)word + __builtin_ctzll(*word ^ POISON) / 8;
	}
	return NULL;
}

/* What is wrong with a block that should begin here, or NULL; *where is the first bad byte. */
static const char *block_damage(const struct heap *heap, const struct heap_block *block,
	uint32_t prev_units, bool prev_free, const void **where)
{
	bool is_free = block->state == STATE_FREE;

	*where = block;
	if (block->seal != seal_of(block) || (!is_free && block->state != STATE_USED) ||
		block->prev != prev_units || block->units < MIN_UNITS ||
		(size_t)block->units * UNIT > heap->end - (uintptr_t)block)
		return "the header of a block was overwritten";
	if (is_free && prev_free)
		return "two free blocks lie side by side";
	*where = is_free ? heap_poison_damage(block) : heap_red_zone_damage(block);
	if (!*where)
		return NULL;
	return is_free ? "freed memory was written to" : "memory behind a block was written to";
}

/* Whether the lists hold exactly as many free blocks as there are, each in its own list. */
static bool check_bins(const struct heap *heap, size_t free_blocks)
{
	size_t listed = 0;

	for (unsigned bin = 0; bin < HEAP_BINS; bin++) {
		const struct heap_block *block = heap->bins[bin];

		if (!block != !(heap->bins_used & 1u << bin))
			return false;
		for (; block && listed <= free_blocks; block = heap_next_free(heap, block)) {
			if (block->state != STATE_FREE || bin_of(block->units) != bin ||
				!heap_links_agree(heap, block))
				return false;
			listed++;
		}
	}
	return listed == free_blocks;
}

bool heap_check(struct heap *heap)
{
	uintptr_t at = heap->base;
	const struct heap_block *block = NULL;
	uint32_t prev_units = 0;
	size_t free_blocks = 0;
	bool prev_free = false;

	while (at < heap->end) {
		const struct heap_block *before = block;
		const void *where;
		const char *what;

		block = block_at(at);
		what = block_damage(heap, block, prev_units, prev_free, &where);
		if (what) {
			/* Whoever overwrote a header most likely owns the block before it. */
			bool by_neighbour = where == (const void *)block && before;

			heap_report(heap, what, where, by_neighbour ? before : block,
				by_neighbour || where != (const void *)block);
			return false;
		}
		prev_units = block->units;
		prev_free = block->state == STATE_FREE;
		free_blocks += prev_free;
		at += (size_t)block->units * UNIT;
	}
	if (heap->last != prev_units || !check_bins(heap, free_blocks)) {
		heap_report(heap, "the lists of free blocks are damaged", NULL, NULL, false);
		return false;
	}
	return true;
}

void heap_visit(const struct heap *heap,
	void (*visit)(
		void *ctx, const void *block, size_t size, const char *owner, uintptr_t caller),
	void *ctx)
{
	const struct heap_block *block = heap->base < heap->end ? block_at(heap->base) : NULL;

	for (; block; block = next_block(heap, block)) {
		if (block->state == STATE_USED)
			visit(ctx, memory_of(block), block->size, block->owner,
				(uintptr_t)(intptr_t)(int32_t)block->caller);
	}
}
