/* SPDX-License-Identifier: MIT */
/*
 * heap.c: blocks side by side with boundary tags, free ones in lists by size. Sizes and distances
 * are kept in units of 16 bytes. A header is sealed with a checksum, so that a write before or far
 * behind a block shows.
 */
#include "heap.h"

#include "string.h"

#define UNIT      16
#define GROW_STEP 0x10000
#define MAX_SIZE  0xf0000000u
#define RED_ZONE \
	8 /* bytes at least behind what was asked for; the rest of the last unit counts too */
#define RED_WORD   0xfdfdfdfdfdfdfdfdull
#define POISON     0x6b6b6b6b6b6b6b6bull
#define STATE_USED 0x44455355u
#define STATE_FREE 0x45455246u
#define SEARCH_MAX 8 /* blocks looked at in a list whose blocks may be too small */

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

static void *memory_of(const struct heap_block *block)
{
	return (void *)(block + 1);
}

static struct free_links *links_of(const struct heap_block *block)
{
	return memory_of(block);
}

static size_t capacity(const struct heap_block *block)
{
	return (size_t)block->units * UNIT - sizeof(*block);
}

static struct heap_block *block_at(uintptr_t address)
{
	return (struct heap_block *)address;
}

static struct heap_block *next_block(const struct heap *heap, const struct heap_block *block)
{
	uintptr_t next = (uintptr_t)block + (size_t)block->units * UNIT;

	return next < heap->end ? block_at(next) : NULL;
}

static struct heap_block *prev_block(const struct heap_block *block)
{
	return block->prev ? block_at((uintptr_t)block - (size_t)block->prev * UNIT) : NULL;
}

static uint32_t seal_of(const struct heap_block *block)
{
	uint64_t owner = (uintptr_t)block->owner;

	return (block->units * 0x9e3779b1u ^ block->prev ^ block->state ^ block->size) +
	       (block->caller ^ (uint32_t)(owner ^ owner >> 32));
}

static void seal(struct heap_block *block)
{
	block->seal = seal_of(block);
}

/* Reports are about the block as its user knows it; an unsound header's words are left out. */
static void report(struct heap *heap, const char *what, const void *where,
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

static unsigned bin_of(uint32_t units)
{
	return 31 - (unsigned)__builtin_clz(units);
}

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

/* Whether a link found in a free block, which anyone may have written to, leads to a place where a
 * block can be. */
static bool link_valid(const struct heap *heap, const struct heap_block *to)
{
	uintptr_t address = (uintptr_t)to;

	return address % UNIT == 0 && address >= heap->base &&
	       address + sizeof(*to) + sizeof(struct free_links) <= heap->end;
}

/* The next free block of the list, NULL at its end and where it is broken. */
static struct heap_block *next_free(const struct heap *heap, const struct heap_block *block)
{
	struct heap_block *next = links_of(block)->next;

	return next && link_valid(heap, next) ? next : NULL;
}

/* Whether the block's links and those of its neighbours in the list agree. */
static bool links_agree(const struct heap *heap, const struct heap_block *block)
{
	struct heap_block *next = links_of(block)->next, *prev = links_of(block)->prev;

	if (next && !(link_valid(heap, next) && links_of(next)->prev == block))
		return false;
	if (!prev)
		return heap->bins[bin_of(block->units)] == block;
	return link_valid(heap, prev) && links_of(prev)->next == block;
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
	if (!links_agree(heap, block)) {
		report(heap, "freed memory was written to", links, block, true);
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

static uint64_t load_word(const uint8_t *from)
{
	uint64_t word;

	__builtin_memcpy(&word, from, sizeof(word));
	return word;
}

/* The red zone from what was asked for to the end of the block: whole words, the last of which may
 * overlap. */
static void fill_red_zone(struct heap_block *block)
{
	const uint64_t word = RED_WORD;
	uint8_t *memory = memory_of(block);
	size_t at = block->size, last = capacity(block) - sizeof(word);

	for (; at < last; at += sizeof(word))
		__builtin_memcpy(memory + at, &word, sizeof(word));
	__builtin_memcpy(memory + last, &word, sizeof(word));
}

/* First bad byte of the red zone, or NULL. */
static const uint8_t *red_zone_damage(const struct heap_block *block)
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

static void poison(const struct heap *heap, struct heap_block *block)
{
	size_t room = capacity(block) - sizeof(struct free_links);

	block->size = (uint32_t)(room < heap->poison ? room : heap->poison) & ~7u;
	memset(links_of(block) + 1, (uint8_t)POISON, block->size);
}

/* First bad byte of what was poisoned, or NULL. */
static const uint8_t *poison_damage(const struct heap_block *block)
{
	const uint64_t *word = (const uint64_t *)(links_of(block) + 1);

	for (size_t n = block->size / sizeof(*word); n; n--, word++) {
		if (*word != POISON)
			return (const uint8_t *)word + __builtin_ctzll(*word ^ POISON) / 8;
	}
	return NULL;
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
		block = i < SEARCH_MAX ? next_free(heap, block) : NULL;
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
	fill_red_zone(block);
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
	bad = block->seal == seal_of(block) ? poison_damage(block) : (const void *)block;
	if (!bad)
		return block;
	report(heap, "freed memory was written to", bad, block, bad != (const void *)block);
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
		report(heap, "a pointer that is not from this heap", pointer, NULL, false);
		return NULL;
	}
	block = (struct heap_block *)pointer - 1;
	if (block->seal != seal_of(block)) {
		report(heap, "the header of a block was overwritten", block, block, false);
		return NULL;
	}
	if (block->state != STATE_USED) {
		report(heap, "a block was freed twice", pointer, block, true);
		return NULL;
	}
	bad = red_zone_damage(block);
	if (bad) {
		report(heap, "memory behind a block was written to", bad, block, true);
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
		poison(heap, block);
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
	*where = is_free ? poison_damage(block) : red_zone_damage(block);
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
		for (; block && listed <= free_blocks; block = next_free(heap, block)) {
			if (block->state != STATE_FREE || bin_of(block->units) != bin ||
				!links_agree(heap, block))
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

			report(heap, what, where, by_neighbour ? before : block,
				by_neighbour || where != (const void *)block);
			return false;
		}
		prev_units = block->units;
		prev_free = block->state == STATE_FREE;
		free_blocks += prev_free;
		at += (size_t)block->units * UNIT;
	}
	if (heap->last != prev_units || !check_bins(heap, free_blocks)) {
		report(heap, "the lists of free blocks are damaged", NULL, NULL, false);
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
