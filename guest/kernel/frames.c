/* SPDX-License-Identifier: MIT */
/*
 * frames.c: the buddy allocator of physical memory. Metadata is made valid a chunk (2 MiB of RAM)
 * at a time, when the first block begins in it: booting costs the same however much memory there
 * is.
 */
#include "frames.h"

#include <stddef.h>

#include "memory.h"
#include "string.h"

#define CHUNK_FRAMES 512

/* Most blocks are single frames, and most of those come back soon: so many are kept as they are,
 * and taken from the lists so many at a time. */
#define SINGLES_KEPT  128
#define SINGLES_ORDER 4

_Static_assert(sizeof(struct frame) == 16, "the metadata of 2 MiB fills two frames");

static const char *const owner_names[OWNERS] = {
	[OWNER_NONE] = "free",
	[OWNER_KERNEL] = "kernel",
	[OWNER_TABLE] = "table",
	[OWNER_HEAP] = "heap",
	[OWNER_STACK] = "stack",
	[OWNER_USER] = "user",
	[OWNER_FILE] = "file",
	[OWNER_CHECK] = "check",
};

const char *frame_owner_name(enum frame_owner owner)
{
	return owner < OWNERS ? owner_names[owner] : "unknown";
}

unsigned frame_order(uint64_t bytes)
{
	unsigned order = 0;

	while (((uint64_t)FRAME_SIZE << order) < bytes)
		order++;
	return order;
}

static uint64_t chunk_count(uint64_t limit)
{
	return (limit + CHUNK_FRAMES - 1) / CHUNK_FRAMES;
}

/* Metadata of whole chunks, then the chunks' own bytes. */
uint64_t frames_metadata_size(uint64_t end)
{
	uint64_t chunks = chunk_count(end >> FRAME_SHIFT);
	uint64_t bytes = chunks * CHUNK_FRAMES * sizeof(struct frame) + chunks;

	return (bytes + FRAME_SIZE - 1) & ~(uint64_t)(FRAME_SIZE - 1);
}

void frames_init(struct frames *frames, uint64_t end, uint64_t metadata, bool zero)
{
	uint64_t limit = end >> FRAME_SHIFT, chunks = chunk_count(limit);

	frames->limit = (uint32_t)limit;
	frames->metadata = metadata;
	frames->chunks = metadata + chunks * CHUNK_FRAMES * sizeof(struct frame);
	frames->all_valid = zero;
	if (!zero)
		memset(phys_pointer(frames->chunks), 0, chunks);
}

static struct frame *metadata_of(struct frames *frames, uint32_t number)
{
	return (struct frame *)phys_pointer(frames->metadata) + number;
}

static void __attribute__((noinline, cold)) make_valid(struct frames *frames, uint32_t number)
{
	uint32_t chunk = number / CHUNK_FRAMES;
	uint8_t *valid = (uint8_t *)phys_pointer(frames->chunks) + chunk;

	if (*valid)
		return;
	memset(metadata_of(frames, chunk * CHUNK_FRAMES), 0, CHUNK_FRAMES * sizeof(struct frame));
	*valid = 1;
}

/* To be written: makes the chunk's metadata valid first. */
static struct frame *frame_at(struct frames *frames, uint32_t number)
{
	if (!frames->all_valid)
		make_valid(frames, number);
	return metadata_of(frames, number);
}

/* To be read: NULL when no block begins there. */
static struct frame *head_at(struct frames *frames, uint64_t number)
{
	struct frame *frame;

	if (number >= frames->limit)
		return NULL;
	if (!frames->all_valid && !((uint8_t *)phys_pointer(frames->chunks))[number / CHUNK_FRAMES])
		return NULL;
	frame = metadata_of(frames, (uint32_t)number);
	return frame->state == FRAME_BODY ? NULL : frame;
}

static void list_push(struct frames *frames, uint32_t number, unsigned order, bool zero)
{
	struct frame_lists *lists = &frames->lists[zero];
	uint32_t next = lists->first[order];

	*frame_at(frames, number) = (struct frame){
		.next = next, .state = FRAME_FREE, .order = (uint8_t)order, .zero = zero};
	if (next)
		metadata_of(frames, next)->prev = number;
	lists->first[order] = number;
	lists->orders |= 1u << order;
}

/* The frame is a body afterwards. */
static void list_remove(struct frames *frames, struct frame *frame)
{
	struct frame_lists *lists = &frames->lists[frame->zero];
	unsigned order = frame->order;

	if (frame->next)
		metadata_of(frames, frame->next)->prev = frame->prev;
	if (frame->prev)
		metadata_of(frames, frame->prev)->next = frame->next;
	else
		lists->first[order] = frame->next;
	if (!lists->first[order])
		lists->orders &= ~(1u << order);
	frame->state = FRAME_BODY;
}

/* Largest blocks first from the end, so that the lists begin with low addresses. */
void frames_add(struct frames *frames, uint64_t base, uint64_t size, bool zero)
{
	uint64_t start = (base + FRAME_SIZE - 1) >> FRAME_SHIFT;
	uint64_t end = (base + size) >> FRAME_SHIFT;

	if (start == 0)
		start = 1;
	if (end > frames->limit)
		end = frames->limit;
	if (start >= end)
		return;
	frames->total += (uint32_t)(end - start);
	frames->free += (uint32_t)(end - start);
	while (end > start) {
		unsigned order = (unsigned)__builtin_ctzll(end);
		unsigned largest = 63 - (unsigned)__builtin_clzll(end - start);

		if (order > largest)
			order = largest;
		if (order >= FRAME_ORDERS)
			order = FRAME_ORDERS - 1;
		end -= 1ull << order;
		list_push(frames, (uint32_t)end, order, zero);
	}
}

/* Halves the block that begins at `number` until it has the order wanted; the upper halves become
 * free. */
static void split(struct frames *frames, uint32_t number, unsigned from, unsigned to, bool zero)
{
	while (from > to) {
		from--;
		list_push(frames, number + (1u << from), from, zero);
	}
}

/* Joins the block with its buddy as long as that is free too, and as clean; then it stands in a
 * list. */
static void merge(struct frames *frames, uint32_t number, unsigned order, bool zero)
{
	while (order < FRAME_ORDERS - 1) {
		struct frame *buddy = head_at(frames, number ^ 1u << order);

		if (!buddy || buddy->state != FRAME_FREE || buddy->order != order ||
			buddy->zero != zero)
			break;
		list_remove(frames, buddy);
		number &= ~(1u << order);
		order++;
	}
	list_push(frames, number, order, zero);
}

static const char not_kept[] = "a frame in a chain of free frames is not free";

static void chain_push(struct frames *frames, struct frame_chain *chain, uint32_t number)
{
	*frame_at(frames, number) = (struct frame){.next = chain->first, .state = FRAME_KEPT};
	chain->first = number;
	chain->length++;
}

/* A frame of a chain that is not empty, with valid metadata; it is a body afterwards. FRAME_NONE
 * after telling fault(). */
static uint32_t chain_pop(struct frames *frames, struct frame_chain *chain)
{
	uint32_t number = chain->first;
	struct frame *frame = head_at(frames, number);

	if (!frame || frame->state != FRAME_KEPT) {
		chain->length = 0; /* who knows where it leads */
		frames->fault(frames, not_kept, (uint64_t)number << FRAME_SHIFT);
		return FRAME_NONE;
	}
	chain->first = frame->next;
	chain->length--;
	frame->state = FRAME_BODY;
	return number;
}

/* Lets all but `left` of the frames join their neighbours in the lists. */
static void merge_singles(struct frames *frames, bool zero, uint32_t left)
{
	while (frames->singles[zero].length > left) {
		uint32_t number = chain_pop(frames, &frames->singles[zero]);

		if (number != FRAME_NONE)
			merge(frames, number, 0, zero);
	}
}

/* Forgets which memory is zero, so that neighbours can join. */
static void merge_all(struct frames *frames)
{
	struct frame_lists *lists = &frames->lists[true];

	while (lists->orders) {
		unsigned order = (unsigned)__builtin_ctz(lists->orders);
		uint32_t number = lists->first[order];

		list_remove(frames, metadata_of(frames, number));
		merge(frames, number, order, false);
	}
}

/* Lets the frames kept for tables go. A store of 2 bytes, as none to a table is, has KVM stop
 * watching: arch/x86/kvm/mmu/mmu.c, detect_write_misaligned(). */
static void release_tables(struct frames *frames)
{
	while (frames->tables.length) {
		uint32_t number = chain_pop(frames, &frames->tables);

		if (number == FRAME_NONE)
			return;
		*(volatile uint16_t *)phys_pointer((uint64_t)number << FRAME_SHIFT) = 0;
		merge(frames, number, 0, true);
	}
}

/* First block of the smallest order that will do, or 0. */
static uint32_t find(const struct frame_lists *lists, unsigned order)
{
	uint32_t orders = order < FRAME_ORDERS ? lists->orders >> order << order : 0;

	return orders ? lists->first[__builtin_ctz(orders)] : 0;
}

/* The same, of the cleanness wanted if there is one, and at the price of all cleanness if need be.
 */
static uint32_t find_best(struct frames *frames, unsigned order, bool zero)
{
	uint32_t number = find(&frames->lists[zero], order);

	if (!number)
		number = find(&frames->lists[!zero], order);
	if (!number && (frames->singles[false].length || frames->singles[true].length)) {
		merge_singles(frames, false, 0);
		merge_singles(frames, true, 0);
		return find_best(frames, order, zero);
	}
	if (!number && frames->lists[true].orders && frames->lists[false].orders) {
		merge_all(frames);
		number = find(&frames->lists[false], order);
	}
	if (!number && frames->tables.length) {
		release_tables(frames);
		number = find_best(frames, order, zero);
	}
	return number;
}

/* The block of at least that order that a list names; NULL after telling fault(). */
static struct frame *listed_block(struct frames *frames, uint32_t number, unsigned order)
{
	struct frame *frame = head_at(frames, number);

	if (frame && frame->state == FRAME_FREE && frame->order >= order)
		return frame;
	frames->fault(frames, "a block in the list of free blocks is not free",
		(uint64_t)number << FRAME_SHIFT);
	return NULL;
}

/* *zero: the cleanness wanted, then that of the block. */
static uint64_t take(struct frames *frames, unsigned order, enum frame_owner owner, bool *zero)
{
	uint32_t number = find_best(frames, order, *zero);
	struct frame *frame = number ? listed_block(frames, number, order) : NULL;

	if (!frame)
		return FRAME_NONE;
	list_remove(frames, frame);
	*zero = frame->zero;
	split(frames, number, frame->order, order, *zero);
	*frame = (struct frame){
		.state = FRAME_USED, .order = (uint8_t)order, .owner = (uint8_t)owner};
	frames->free -= 1u << order;
	frames->owned[owner] += 1u << order;
	return (uint64_t)number << FRAME_SHIFT;
}

/* Takes a block of the lists apart, if there is a large one. */
static void fetch_singles(struct frames *frames, bool zero)
{
	uint32_t number = find(&frames->lists[zero], SINGLES_ORDER);
	struct frame *frame = number ? listed_block(frames, number, SINGLES_ORDER) : NULL;

	if (!frame)
		return;
	list_remove(frames, frame);
	split(frames, number, frame->order, SINGLES_ORDER, zero);
	for (uint32_t i = 1u << SINGLES_ORDER; i-- > 0;)
		chain_push(frames, &frames->singles[zero], number + i);
}

/* A frame of a chain that is not empty. */
static uint64_t take_kept(struct frames *frames, struct frame_chain *chain, enum frame_owner owner)
{
	uint32_t number = chain_pop(frames, chain);

	if (number == FRAME_NONE)
		return FRAME_NONE;
	*metadata_of(frames, number) = (struct frame){.state = FRAME_USED, .owner = (uint8_t)owner};
	frames->free--;
	frames->owned[owner]++;
	return (uint64_t)number << FRAME_SHIFT;
}

/* As take(), for a single frame. */
static uint64_t take_single(struct frames *frames, enum frame_owner owner, bool *zero)
{
	if (!frames->singles[*zero].length)
		fetch_singles(frames, *zero);
	if (!frames->singles[*zero].length && frames->singles[!*zero].length)
		*zero = !*zero;
	if (!frames->singles[*zero].length)
		return take(frames, 0, owner, zero);
	return take_kept(frames, &frames->singles[*zero], owner);
}

static uint64_t take_block(
	struct frames *frames, unsigned order, enum frame_owner owner, bool *zero)
{
	return order ? take(frames, order, owner, zero) : take_single(frames, owner, zero);
}

uint64_t frames_alloc(struct frames *frames, unsigned order, enum frame_owner owner)
{
	bool zero = false;

	return take_block(frames, order, owner, &zero);
}

uint64_t frames_alloc_likely_zero(
	struct frames *frames, unsigned order, enum frame_owner owner, bool *zero)
{
	*zero = true;
	return take_block(frames, order, owner, zero);
}

uint64_t frames_alloc_zero(struct frames *frames, unsigned order, enum frame_owner owner)
{
	bool zero;
	uint64_t phys = frames_alloc_likely_zero(frames, order, owner, &zero);

	if (phys != FRAME_NONE && !zero)
		memset(phys_pointer(phys), 0, (size_t)FRAME_SIZE << order);
	return phys;
}

/* Where KVM still watches the frame it must see it cleared: by stores. */
uint64_t frames_alloc_table(struct frames *frames)
{
	if (!frames->tables.length)
		return frames_alloc_zero(frames, 0, OWNER_TABLE);
	return take_kept(frames, &frames->tables, OWNER_TABLE);
}

struct frame *frames_used(struct frames *frames, uint64_t phys)
{
	struct frame *frame = head_at(frames, phys >> FRAME_SHIFT);

	return frame && frame->state == FRAME_USED && phys % FRAME_SIZE == 0 ? frame : NULL;
}

const struct frame *frames_find(struct frames *frames, uint64_t phys, uint64_t *head)
{
	uint64_t number = phys >> FRAME_SHIFT;

	for (unsigned order = 0; order < FRAME_ORDERS; order++) {
		uint64_t first = number >> order << order;
		const struct frame *frame = head_at(frames, first);

		if (!frame)
			continue;
		if (number - first >= 1ull << frame->order)
			return NULL;
		if (head)
			*head = first << FRAME_SHIFT;
		return frame;
	}
	return NULL;
}

/* Why phys cannot be given back. */
static const char *free_fault(struct frames *frames, uint64_t phys)
{
	const struct frame *frame = frames_find(frames, phys, NULL);

	if (frame && frame->state != FRAME_USED)
		return "a free block is freed again";
	if (frame)
		return "an address inside a block is freed";
	return "memory that was never handed out is freed";
}

static bool give_back(struct frames *frames, uint64_t phys, bool zero)
{
	struct frame *frame = frames_used(frames, phys);
	uint32_t number = (uint32_t)(phys >> FRAME_SHIFT);
	unsigned order;

	if (!frame) {
		frames->fault(frames, free_fault(frames, phys), phys);
		return false;
	}
	order = frame->order;
	frames->owned[frame->owner] -= 1u << order;
	frames->free += 1u << order;
	frame->state = FRAME_BODY;
	if (order == 0 && frames->singles[zero].length == SINGLES_KEPT)
		merge_singles(frames, zero, SINGLES_KEPT / 2);
	if (order == 0)
		chain_push(frames, &frames->singles[zero], number);
	else
		merge(frames, number, order, zero);
	return true;
}

bool frames_free(struct frames *frames, uint64_t phys)
{
	return give_back(frames, phys, false);
}

bool frames_free_zero(struct frames *frames, uint64_t phys)
{
	return give_back(frames, phys, true);
}

bool frames_free_table(struct frames *frames, uint64_t phys)
{
	struct frame *frame = frames_used(frames, phys);

	if (!frame || frame->owner != OWNER_TABLE) {
		frames->fault(frames,
			frame ? "what is no table is freed as one" : free_fault(frames, phys),
			phys);
		return false;
	}
	frames->owned[OWNER_TABLE]--;
	frames->free++;
	chain_push(frames, &frames->tables, (uint32_t)(phys >> FRAME_SHIFT));
	return true;
}

/* What is wrong with a block that stands in the list of `order`, or NULL. */
static const char *audit_block(struct frames *frames, uint32_t number, unsigned order, bool zero)
{
	const struct frame *frame = head_at(frames, number);
	/* Of blocks larger than a chunk one frame in each: all would be too many to look at in a
	 * guest. */
	uint32_t step = 1u << order > CHUNK_FRAMES ? CHUNK_FRAMES : 1;

	if (!frame || frame->state != FRAME_FREE || frame->order != order || frame->zero != zero)
		return "a block in the list of free blocks is not free";
	if (number & ((1u << order) - 1))
		return "a free block is not aligned to its size";
	for (uint32_t i = step; i < 1u << order; i += step) {
		if (head_at(frames, (uint64_t)number + i))
			return "a block begins inside a free block";
	}
	return NULL;
}

/* Adds the list's frames to *sum; false after telling fault(). */
static bool audit_list(struct frames *frames, unsigned order, bool zero, uint64_t *sum)
{
	uint32_t number = frames->lists[zero].first[order];

	for (; number; number = metadata_of(frames, number)->next) {
		const char *wrong = audit_block(frames, number, order, zero);

		*sum += 1ull << order;
		if (!wrong && *sum > frames->free)
			wrong = "the lists hold more frames than are free";
		if (wrong) {
			frames->fault(frames, wrong, (uint64_t)number << FRAME_SHIFT);
			return false;
		}
	}
	return true;
}

/* The same for frames that wait in a chain. */
static bool audit_chain(struct frames *frames, const struct frame_chain *chain, uint64_t *sum)
{
	uint32_t number = chain->first;

	for (uint32_t i = 0; i < chain->length; i++) {
		const struct frame *frame = number ? head_at(frames, number) : NULL;

		if (!frame || frame->state != FRAME_KEPT) {
			frames->fault(frames, not_kept, (uint64_t)number << FRAME_SHIFT);
			return false;
		}
		number = frame->next;
	}
	*sum += chain->length;
	return true;
}

bool frames_audit(struct frames *frames)
{
	uint64_t free = 0, used = 0;

	if (!audit_chain(frames, &frames->singles[false], &free) ||
		!audit_chain(frames, &frames->singles[true], &free) ||
		!audit_chain(frames, &frames->tables, &free))
		return false;

	for (unsigned order = 0; order < FRAME_ORDERS; order++) {
		if (!audit_list(frames, order, false, &free) ||
			!audit_list(frames, order, true, &free))
			return false;
	}
	for (unsigned owner = 0; owner < OWNERS; owner++)
		used += frames->owned[owner];
	if (free != frames->free || used + free != frames->total) {
		frames->fault(frames, "the counts of frames do not add up", 0);
		return false;
	}
	return true;
}
