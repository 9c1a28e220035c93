/* SPDX-License-Identifier: MIT */
/*
 * test_kheap.c: the kernel's heap, on memory of this program: random sequences against the bytes
 * that each block should hold, and every kind of damage that it promises to find.
 */
#include "unit.h"

#include "heap.h"

#define LIMIT  (16u << 20)
#define CALLER 0x1234567

static struct heap heap;
static uint8_t *memory;
static size_t allowed; /* bytes that grow() gives out at most */
static unsigned faults;
static struct heap_fault last;

static bool grow(struct heap *h, size_t bytes)
{
	uintptr_t done = h->end - h->base;

	ck_assert_uint_eq(bytes % 4096, 0);
	if (done + bytes > allowed)
		return false;
	ck_assert_int_eq(mprotect(memory + done, bytes, PROT_READ | PROT_WRITE), 0);
	memset(memory + done, 0xa5, bytes);
	return true;
}

static void note_fault(struct heap *h, const struct heap_fault *fault)
{
	faults++;
	last = *fault;
}

static void setup(void)
{
	memory = mmap(NULL, LIMIT, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	allowed = LIMIT;
	faults = 0;
	heap_init(&heap, (uintptr_t)memory, (uintptr_t)memory + LIMIT, grow, note_fault, NULL);
}

static uint8_t *get(size_t size)
{
	uint8_t *block = heap_alloc(&heap, size, "test", CALLER);

	ck_assert_ptr_nonnull(block);
	ck_assert_uint_eq((uintptr_t)block % 16, 0);
	memset(block, 0x11, size);
	return block;
}

static void assert_sound(void)
{
	ck_assert_msg(heap_check(&heap), "%s", last.what);
	ck_assert_uint_eq(faults, 0);
}

static void expect_fault(const char *word)
{
	ck_assert_uint_eq(faults, 1);
	ck_assert_msg(strstr(last.what, word), "'%s' lacks '%s'", last.what, word);
	faults = 0;
}

/* Everything has been freed: one free block is left, as large as the heap. */
static void assert_empty(void)
{
	assert_sound();
	ck_assert_uint_eq(heap.stats.used_blocks, 0);
	ck_assert_uint_eq(heap.stats.used_bytes, 0);
	ck_assert_uint_eq(heap.stats.free_bytes, heap.end - heap.base - 32);
}

START_TEST(every_small_size)
{
	static uint8_t *blocks[600];

	setup();
	for (size_t size = 0; size < 600; size++)
		blocks[size] = get(size);
	ck_assert_uint_eq(heap.stats.used_blocks, 600);
	ck_assert_uint_eq(heap.stats.used_bytes, 599 * 600 / 2);
	assert_sound();
	for (size_t size = 0; size < 600; size += 2)
		heap_free(&heap, blocks[size], 0);
	assert_sound();
	for (size_t size = 1; size < 600; size += 2) {
		ck_assert_uint_eq(count_bytes(blocks[size], size, 0x11), size);
		heap_free(&heap, blocks[size], 0);
	}
	ck_assert_uint_eq(heap.stats.peak_bytes, 599 * 600 / 2);
	assert_empty();
}
END_TEST

START_TEST(neighbours_join)
{
	uint8_t *a, *b, *c, *d;

	setup();
	a = get(100);
	b = get(100);
	c = get(100);
	d = get(100);
	heap_free(&heap, a, 0);
	heap_free(&heap, c, 0);
	assert_sound();
	heap_free(&heap, b, 0); /* between two free ones */
	assert_sound();
	ck_assert_ptr_eq(heap_alloc(&heap, 300, "joint", 0), a);
	heap_free(&heap, a, 0);
	heap_free(&heap, d, 0);
	assert_empty();
}
END_TEST

START_TEST(write_behind_a_block_is_found)
{
	size_t size = (size_t)_i;
	uint8_t *block, *other;

	setup();
	block = get(size);
	other = get(8);
	block[size + size % 8] = 0;
	ck_assert(!heap_check(&heap));
	expect_fault("behind");
	heap_free(&heap, block, 0);
	expect_fault("behind");
	ck_assert_ptr_eq(last.block, block);
	ck_assert_ptr_eq(last.where, block + size + size % 8);
	ck_assert_uint_eq(last.size, size);
	ck_assert_str_eq(last.owner, "test");
	ck_assert_uint_eq(last.caller, CALLER);
	ck_assert_ptr_null(heap_realloc(&heap, block, 10, "test", 0));
	expect_fault("behind");
	heap_free(&heap, other, 0);
	ck_assert_uint_eq(faults, 0);
}
END_TEST

/* 32 bytes before the block lies its header; whichever is hit, it shows. */
START_TEST(write_before_a_block_is_found)
{
	uint8_t *before, *block;

	setup();
	before = get(64);
	block = get(64);
	block[-1 - _i] ^= 0x40;
	ck_assert(!heap_check(&heap));
	expect_fault("header");
	ck_assert_ptr_eq(last.block, before);
	heap_free(&heap, block, 0);
	expect_fault("header");
	ck_assert_ptr_eq(last.block, block);
	ck_assert_ptr_null(last.owner);
}
END_TEST

START_TEST(bad_pointers_are_refused)
{
	uint8_t *block;

	setup();
	block = get(64);
	heap_free(&heap, block + 8, 0);
	expect_fault("not from this heap");
	heap_free(&heap, block + 16, 0);
	expect_fault("header");
	heap_free(&heap, memory + LIMIT, 0);
	expect_fault("not from this heap");
	heap_free(&heap, memory, 0);
	expect_fault("not from this heap");
	heap_free(&heap, (void *)16, 0);
	expect_fault("not from this heap");
	heap_free(&heap, NULL, 0);
	ck_assert_uint_eq(faults, 0);
	get(1);
	heap_free(&heap, block, 0);
	heap_free(&heap, block, 0);
	expect_fault("freed twice");
	ck_assert_ptr_eq(last.block, block);
	ck_assert_ptr_null(heap_realloc(&heap, block, 100, "test", 0));
	expect_fault("freed twice");
	assert_sound();
}
END_TEST

START_TEST(write_to_freed_memory_is_found)
{
	uint8_t *block, *barrier;

	setup();
	block = get(96);
	barrier = get(1);
	heap_free(&heap, block, 0);
	block[16 + _i] = 0x11;
	ck_assert(!heap_check(&heap));
	expect_fault("freed memory");
	ck_assert_ptr_eq(last.where, block + 16 + _i);
	ck_assert_ptr_null(heap_alloc(&heap, 96, "test", 0));
	expect_fault("freed memory");
	ck_assert_uint_eq(heap.stats.failures, 1);
	/* The damaged block is given up; the heap goes on. */
	ck_assert_ptr_ne(get(96), block);
	heap_free(&heap, barrier, 0);
}
END_TEST

/* The links of the lists lie in the first 16 bytes of freed memory. */
START_TEST(write_to_links_is_found)
{
	uint8_t *first, *second;

	setup();
	first = get(96);
	get(1);
	second = get(96);
	get(1);
	heap_free(&heap, first, 0);
	heap_free(&heap, second, 0);
	(_i < 16 ? first : second)[_i % 16] ^= 0x55;
	ck_assert(!heap_check(&heap));
	faults = 0;
	heap_alloc(&heap, 96, "test", 0);
	heap_alloc(&heap, 96, "test", 0);
	ck_assert_uint_ge(faults, 1);
	ck_assert_ptr_nonnull(strstr(last.what, "freed memory"));
}
END_TEST

START_TEST(memory_runs_out)
{
	uint8_t *block, *rest;

	setup();
	allowed = 0x20000;
	block = get(0x10000);
	ck_assert_ptr_null(heap_alloc(&heap, 0x10000, "test", 0));
	ck_assert_ptr_null(heap_alloc(&heap, SIZE_MAX, "test", 0));
	ck_assert_ptr_null(heap_alloc(&heap, SIZE_MAX - 8, "test", 0));
	ck_assert_ptr_null(heap_alloc(&heap, 0xffffffff, "test", 0));
	ck_assert_ptr_null(heap_realloc(&heap, block, SIZE_MAX, "test", 0));
	ck_assert_ptr_null(heap_realloc(&heap, block, 0x30000, "test", 0));
	ck_assert_uint_eq(block[0xffff], 0x11);
	rest = get(0xff00);
	heap_free(&heap, block, 0);
	heap_free(&heap, rest, 0);
	assert_empty();
}
END_TEST

START_TEST(resizing_keeps_contents)
{
	uint8_t *block, *barrier;

	setup();
	block = get(10);
	ck_assert_ptr_eq(heap_realloc(&heap, block, 5000, "test", 0), block); /* room behind it */
	memset(block, 0x22, 5000);
	ck_assert_ptr_eq(heap_realloc(&heap, block, 50, "test", 0), block);
	assert_sound();
	barrier = get(1);
	ck_assert_ptr_eq(heap_realloc(&heap, block, 56, "test", 0), block);
	block = heap_realloc(&heap, block, 4000, "moved", 0);
	ck_assert_ptr_nonnull(block);
	ck_assert_uint_eq(count_bytes(block, 50, 0x22), 50);
	ck_assert_uint_eq(heap.stats.used_bytes, 4001);
	heap_free(&heap, block, 0);
	heap_free(&heap, barrier, 0);
	assert_empty();
}
END_TEST

static void count_visit(
	void *ctx, const void *block, size_t size, const char *owner, uintptr_t caller)
{
	size_t *sum = ctx;

	ck_assert_uint_eq(caller, CALLER);
	*sum += size;
}

START_TEST(visits_used_blocks)
{
	size_t sum = 0;
	uint8_t *middle;

	setup();
	heap_visit(&heap, count_visit, &sum);
	ck_assert_uint_eq(sum, 0);
	get(100);
	middle = get(20);
	get(3);
	heap_free(&heap, middle, 0);
	heap_visit(&heap, count_visit, &sum);
	ck_assert_uint_eq(sum, 103);
}
END_TEST

#define LIVE_MAX 300

struct live {
	uint8_t *block;
	size_t size;
};

static uint8_t pattern(size_t which, size_t i)
{
	return (uint8_t)(which * 31 + i);
}

static void fill(const struct live *live, size_t which)
{
	for (size_t i = 0; i < live->size; i++)
		live->block[i] = pattern(which, i);
}

static void verify(const struct live *live, size_t which, size_t n)
{
	size_t i = 0;

	while (i < n && live->block[i] == pattern(which, i))
		i++;
	ck_assert_msg(i == n, "byte %zu of a block of %zu", i, n);
}

static size_t random_size(void)
{
	size_t limit = random_below(8) ? 200 : 20000;

	return random_below(limit);
}

static void change(struct live *live, size_t which)
{
	size_t old = live->size;
	uint8_t *moved;

	verify(live, which, old);
	if (random_below(3)) {
		heap_free(&heap, live->block, 0);
		live->block = NULL;
		return;
	}
	live->size = random_size();
	moved = heap_realloc(&heap, live->block, live->size, "again", 0);
	ck_assert_ptr_nonnull(moved);
	live->block = moved;
	verify(live, which, old < live->size ? old : live->size);
	fill(live, which);
}

START_TEST(random_sequences)
{
	static struct live live[LIVE_MAX];
	size_t bytes = 0;

	setup();
	random_seed(_i);
	heap.poison = _i % 2 ? SIZE_MAX : 64;
	for (unsigned step = 0; step < 20000; step++) {
		size_t which = random_below(LIVE_MAX);

		if (live[which].block) {
			change(&live[which], which);
		} else {
			live[which].size = random_size();
			live[which].block = get(live[which].size);
			fill(&live[which], which);
		}
		if (step % 200 == 0)
			assert_sound();
	}
	for (size_t i = 0; i < LIVE_MAX; i++)
		bytes += live[i].block ? live[i].size : 0;
	ck_assert_uint_eq(heap.stats.used_bytes, bytes);
	for (size_t i = 0; i < LIVE_MAX; i++) {
		if (live[i].block)
			verify(&live[i], i, live[i].size);
		heap_free(&heap, live[i].block, 0);
	}
	assert_empty();
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{every_small_size, 0},
		{neighbours_join, 0},
		{write_behind_a_block_is_found, 70},
		{write_before_a_block_is_found, 32},
		{bad_pointers_are_refused, 0},
		{write_to_freed_memory_is_found, 64},
		{write_to_links_is_found, 32},
		{memory_runs_out, 0},
		{resizing_keeps_contents, 0},
		{visits_used_blocks, 0},
		{random_sequences, 12},
	};

	return RUN_UNIT("kernel heap", tests);
}
