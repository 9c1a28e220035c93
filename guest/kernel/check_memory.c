/* SPDX-License-Identifier: MIT */
/*
 * check_memory.c: frames, page tables and heap look themselves over. Each check leaves as many free
 * frames and heap blocks as it found.
 */
#include "check.h"

#include "arch.h"
#include "errno.h"
#include "memory.h"
#include "string.h"

static const char *frame_fault;

static void note_frame_fault(struct frames *frames, const char *what, uint64_t phys)
{
	frame_fault = what;
}

/* Whether the call that frees phys once too often is caught. */
static bool free_is_caught(uint64_t phys)
{
	struct frames *frames = &kernel_frames;
	void (*fault)(struct frames *, const char *, uint64_t) = frames->fault;
	bool freed;

	frames->fault = note_frame_fault;
	frame_fault = NULL;
	freed = frames_free(frames, phys);
	frames->fault = fault;
	return !freed && frame_fault;
}

bool check_frames(bool thorough)
{
	struct frames *frames = &kernel_frames;
	uint32_t free = frames->free;
	uint64_t one = frames_alloc(frames, 0, OWNER_CHECK);
	uint64_t two = frames_alloc(frames, 0, OWNER_CHECK);
	uint64_t eight = frames_alloc(frames, 3, OWNER_CHECK);

	CHECK(one && two && eight && one != two);
	CHECK_EQUAL(eight % (8 * FRAME_SIZE), 0);
	CHECK(one < eight || one >= eight + 8 * FRAME_SIZE);
	CHECK_EQUAL(frames->free, free - 10);
	CHECK_EQUAL(frames->owned[OWNER_CHECK], 10);
	CHECK(free_is_caught(eight + FRAME_SIZE));
	CHECK(frames_free(frames, eight));
	CHECK(free_is_caught(eight));
	CHECK(frames_free(frames, one));
	CHECK(frames_free(frames, two));
	CHECK(free_is_caught(two));
	CHECK(free_is_caught(0));
	CHECK_EQUAL(frames->free, free);
	CHECK(!thorough || frames_audit(frames));
	return true;
}

static bool check_user_mapping(struct space *space, uint64_t phys)
{
	struct translation page;

	CHECK_EQUAL(space_map(space, USER_UNUSED, phys, PAGE_SIZE, MAP_WRITE), -EINVAL);
	CHECK_EQUAL(space_map(space, USER_UNUSED, phys, PAGE_SIZE, MAP_WRITE | MAP_USER), 0);
	CHECK_EQUAL(space_map(space, USER_UNUSED, phys, PAGE_SIZE, MAP_USER), -EEXIST);
	CHECK(space_translate(space, USER_UNUSED + 0x123, &page));
	CHECK_EQUAL(page.phys, phys + 0x123);
	CHECK_EQUAL(page.size, PAGE_SIZE);
	CHECK_EQUAL(page.flags, MAP_WRITE | MAP_USER | MAP_IMPLIED);
	CHECK(!space_translate(&kernel_space, USER_UNUSED, &page));
	CHECK_EQUAL(space_unmap(space, USER_UNUSED, PAGE_SIZE), 0);
	CHECK(!space_translate(space, USER_UNUSED, &page));
	return true;
}

/* The same page at an address of its own and in the direct map; then read-only. */
static bool check_kernel_mapping(uint64_t phys)
{
	volatile uint64_t *here = (void *)(uintptr_t)KERNEL_UNUSED, *there = phys_pointer(phys);
	uint64_t value;
	struct translation page;

	CHECK_EQUAL(space_map(&kernel_space, KERNEL_UNUSED, phys, PAGE_SIZE, MAP_WRITE), 0);
	*there = 0x1122334455667788;
	CHECK_EQUAL(*here, 0x1122334455667788);
	CHECK_EQUAL(space_protect(&kernel_space, KERNEL_UNUSED, PAGE_SIZE, 0), 0);
	CHECK(!memory_try_copy((void *)here, &value, sizeof(value)));
	CHECK(memory_try_copy(&value, (void *)here, sizeof(value)));
	CHECK_EQUAL(value, 0x1122334455667788);
	CHECK_EQUAL(space_unmap(&kernel_space, KERNEL_UNUSED, PAGE_SIZE), 0);
	CHECK(!memory_try_copy(&value, (void *)here, sizeof(value)));
	CHECK(space_translate(&kernel_space, (uintptr_t)there, &page));
	CHECK_EQUAL(page.phys, phys);
	/* Small pages around the image, where the direct map shows it. */
	CHECK_EQUAL(page.size,
		DIRECT_MAP == KERNEL_BASE && phys < LARGE_PAGE_SIZE ? PAGE_SIZE : LARGE_PAGE_SIZE);
	return true;
}

bool check_paging(bool thorough)
{
	uint32_t free = kernel_frames.free;
	uint64_t phys = frames_alloc(&kernel_frames, 0, OWNER_CHECK);
	struct space space;
	bool ok;

	CHECK(phys);
	CHECK_EQUAL(space_init(&space, &kernel_frames, &kernel_space), 0);
	ok = check_user_mapping(&space, phys) && check_kernel_mapping(phys);
	space_deinit(&space);
	frames_free(&kernel_frames, phys);
	CHECK(ok);
	CHECK_EQUAL(kernel_frames.free, free);
	return true;
}

static const void *heap_fault_block;

static void note_heap_fault(struct heap *heap, const struct heap_fault *fault)
{
	heap_fault_block = fault->block;
}

/* One byte too many is written behind a block; freeing it must be refused, and the report must name
 * it. */
static bool check_red_zone(void)
{
	void (*fault)(struct heap *, const struct heap_fault *) = kernel_heap.fault;
	uint8_t *block = kmalloc(24, "check");
	uint8_t behind;

	CHECK(block);
	behind = block[24];
	block[24] ^= 1;
	kernel_heap.fault = note_heap_fault;
	heap_fault_block = NULL;
	kfree(block);
	kernel_heap.fault = fault;
	CHECK_EQUAL((uintptr_t)heap_fault_block, (uintptr_t)block);
	block[24] = behind;
	kfree(block);
	return true;
}

static bool check_sizes(size_t step, size_t n)
{
	void *blocks[16];

	for (size_t i = 0; i < n; i++) {
		blocks[i] = kmalloc(i * step, "check");
		CHECK(blocks[i]);
		CHECK_EQUAL((uintptr_t)blocks[i] % 16, 0);
		memset(blocks[i], (int)i, i * step);
	}
	for (size_t i = 0; i < n; i += 2)
		kfree(blocks[i]);
	for (size_t i = 1; i < n; i += 2) {
		CHECK_EQUAL(*(uint8_t *)blocks[i], i);
		kfree(blocks[i]);
	}
	return true;
}

/* Two neighbours that are freed must make room for one of their joint size. */
static bool check_coalesce(void)
{
	void *first = kmalloc(200, "check"), *second = kmalloc(200, "check");
	void *barrier = kmalloc(8, "check"), *joint;

	CHECK(first && second && barrier);
	kfree(first);
	kfree(second);
	joint = kmalloc(400, "check");
	CHECK_EQUAL((uintptr_t)joint, (uintptr_t)first);
	kfree(joint);
	kfree(barrier);
	return true;
}

bool check_heap(bool thorough)
{
	size_t blocks = kernel_heap.stats.used_blocks;

	CHECK(check_sizes(7, thorough ? 16 : 4));
	CHECK(!thorough || check_sizes(1001, 16));
	CHECK(check_coalesce());
	CHECK(check_red_zone());
	CHECK_EQUAL(kernel_heap.stats.used_blocks, blocks);
	CHECK(heap_check(&kernel_heap));
	return true;
}
