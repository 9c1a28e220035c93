/* SPDX-License-Identifier: MIT */
/*
 * test_frames.c: the kernel's allocator of physical memory against an array that says who owns each
 * frame.
 */
#include "unit.h"

#define MIB      0x100000ull
#define RAM      (64 * MIB)
#define FIRST    (4 * MIB) /* what lies below holds the metadata */
#define HOLE     (20 * MIB + 0x5000)
#define HOLE_END (23 * MIB + 0x1000)
#define USABLE   ((RAM - FIRST - (HOLE_END - HOLE)) / 4096)

uintptr_t direct_map;

static struct frames frames;
static uint8_t *arena;
static unsigned faults;
static const char *fault_what;
static uint64_t fault_phys;

static void note_fault(struct frames *f, const char *what, uint64_t phys)
{
	faults++;
	fault_what = what;
	fault_phys = phys;
}

/* Two pieces of RAM with a hole between them. zero: the allocator is told that it is all zero; it
 * is not otherwise. */
static void setup(bool zero)
{
	arena = arena_create(RAM);
	if (!zero)
		memset(arena, 0xa5, RAM);
	frames = (struct frames){.fault = note_fault};
	ck_assert_uint_lt(frames_metadata_size(RAM), FIRST - MIB);
	frames_init(&frames, RAM, MIB, zero);
	frames_add(&frames, FIRST, HOLE - FIRST, zero);
	frames_add(&frames, HOLE_END, RAM - HOLE_END, zero);
	faults = 0;
}

static void assert_sound(void)
{
	ck_assert_msg(
		frames_audit(&frames), "%s: %llx", fault_what, (unsigned long long)fault_phys);
}

static void expect_refusal(uint64_t phys)
{
	uint32_t free = frames.free;

	faults = 0;
	ck_assert(!frames_free(&frames, phys));
	ck_assert_uint_eq(faults, 1);
	ck_assert_uint_eq(fault_phys, phys);
	ck_assert_uint_eq(frames.free, free);
	faults = 0;
}

START_TEST(counts_what_it_is_given)
{
	setup(_i);
	ck_assert_uint_eq(frames.total, USABLE);
	ck_assert_uint_eq(frames.free, USABLE);
	assert_sound();
}
END_TEST

START_TEST(blocks_are_aligned_and_owned)
{
	setup(_i);
	for (unsigned order = 0; order <= 12; order++) {
		uint64_t phys = frames_alloc(&frames, order, OWNER_FILE), head;
		const struct frame *frame;

		ck_assert_uint_ne(phys, 0);
		ck_assert_uint_eq(phys % (4096ull << order), 0);
		ck_assert_uint_eq(frames.owned[OWNER_FILE], 1u << order);
		frame = frames_find(&frames, phys + (4096ull << order) - 1, &head);
		ck_assert_ptr_nonnull(frame);
		ck_assert_uint_eq(head, phys);
		ck_assert_uint_eq(frame->owner, OWNER_FILE);
		ck_assert_uint_eq(frame->order, order);
		ck_assert(frames_free(&frames, phys));
		ck_assert_uint_eq(frames.owned[OWNER_FILE], 0);
	}
	ck_assert_uint_eq(faults, 0);
	assert_sound();
}
END_TEST

START_TEST(zero_means_zero)
{
	setup(_i);
	for (unsigned round = 0; round < 200; round++) {
		uint64_t phys = frames_alloc_zero(&frames, round % 4, OWNER_CHECK);
		size_t size = 4096u << round % 4;

		ck_assert_uint_eq(count_bytes(arena + phys, size, 0), size);
		memset(arena + phys, 0xff, size);
		if (round % 3)
			ck_assert(frames_free(&frames, phys));
	}
	assert_sound();
}
END_TEST

/* Used memory is handed out again before memory that is known to be zero, which is kept for those
 * who need it. */
START_TEST(clean_memory_is_spared)
{
	uint64_t used, again, clean;

	setup(true);
	used = frames_alloc(&frames, 0, OWNER_CHECK);
	ck_assert(frames_free(&frames, used));
	clean = frames_alloc_zero(&frames, 0, OWNER_CHECK);
	ck_assert_uint_ne(clean, used);
	again = frames_alloc(&frames, 0, OWNER_CHECK);
	ck_assert_uint_eq(again, used);
	/* Clean memory is not cleared: a mark that the allocator knows nothing of stays. */
	ck_assert(frames_free(&frames, again));
	memset(arena + FIRST, 0x77, RAM - FIRST);
	clean = frames_alloc_zero(&frames, 8, OWNER_CHECK);
	ck_assert_uint_eq(arena[clean], 0x77);
}
END_TEST

START_TEST(refuses_what_is_no_block)
{
	uint64_t phys, neighbour;

	setup(_i);
	expect_refusal(0);
	expect_refusal(MIB);
	expect_refusal(HOLE);
	expect_refusal(RAM);
	expect_refusal(~0ull);
	expect_refusal(30 * MIB);
	phys = frames_alloc(&frames, 2, OWNER_CHECK);
	neighbour = frames_alloc(&frames, 2, OWNER_CHECK);
	expect_refusal(phys + 4096);
	expect_refusal(phys + 1);
	ck_assert(frames_free(&frames, phys));
	expect_refusal(phys);
	expect_refusal(phys + 4096);
	ck_assert(frames_free(&frames, neighbour));
	expect_refusal(neighbour);
	assert_sound();
}
END_TEST

/* A list that says free where the metadata says used must not hand the block out a second time. */
START_TEST(refuses_to_hand_out_twice)
{
	uint64_t phys;

	setup(_i);
	phys = frames_alloc(&frames, 1, OWNER_CHECK);
	for (unsigned zero = 0; zero < 2; zero++) {
		frames.lists[zero].first[1] = (uint32_t)(phys / 4096);
		frames.lists[zero].orders |= 2;
	}
	faults = 0;
	ck_assert_uint_eq(frames_alloc(&frames, 1, OWNER_USER), 0);
	ck_assert_uint_eq(faults, 1);
	ck_assert_uint_eq(fault_phys, phys);
	ck_assert(!frames_audit(&frames));
}
END_TEST

/* The same for the chain of single frames. */
START_TEST(refuses_to_hand_out_a_single_frame_twice)
{
	uint64_t phys;

	setup(_i);
	phys = frames_alloc(&frames, 0, OWNER_CHECK);
	for (unsigned zero = 0; zero < 2; zero++) {
		frames.singles[zero].first = (uint32_t)(phys / 4096);
		frames.singles[zero].length = 1;
	}
	faults = 0;
	ck_assert_uint_eq(frames_alloc(&frames, 0, OWNER_USER), 0);
	ck_assert_uint_eq(faults, 1);
	ck_assert_uint_eq(fault_phys, phys);
	ck_assert(!frames_audit(&frames));
}
END_TEST

START_TEST(audit_finds_a_damaged_block)
{
	uint64_t phys;

	setup(_i);
	phys = frames_alloc(&frames, 3, OWNER_CHECK);
	ck_assert(frames_free(&frames, phys));
	assert_sound();
	frames.free--;
	ck_assert(!frames_audit(&frames));
	frames.free++;
	frames.owned[OWNER_USER]++;
	ck_assert(!frames_audit(&frames));
}
END_TEST

START_TEST(runs_out_and_recovers)
{
	static uint64_t all[USABLE + 1];
	size_t n = 0;

	setup(_i);
	while ((all[n] = frames_alloc(&frames, 0, OWNER_CHECK)))
		n++;
	ck_assert_uint_eq(n, USABLE);
	ck_assert_uint_eq(frames.free, 0);
	ck_assert_uint_eq(frames_alloc(&frames, 5, OWNER_CHECK), 0);
	while (n--)
		ck_assert(frames_free(&frames, all[n]));
	assert_sound();
	/* [32 MiB, 64 MiB) is one block again. */
	ck_assert_uint_eq(frames_alloc(&frames, 13, OWNER_CHECK), 32 * MIB);
	ck_assert_uint_eq(frames_alloc(&frames, 14, OWNER_CHECK), 0);
	ck_assert_uint_eq(frames_alloc(&frames, 19, OWNER_CHECK), 0);
	ck_assert_uint_eq(frames_alloc(&frames, 40, OWNER_CHECK), 0);
}
END_TEST

/* Halves that differ in cleanness join when only their whole will do. */
START_TEST(joins_clean_and_used_memory_if_need_be)
{
	uint64_t phys;

	setup(true);
	phys = frames_alloc(&frames, 12, OWNER_CHECK);
	ck_assert_uint_ne(phys, 0);
	ck_assert(frames_free(&frames, phys));
	phys = frames_alloc_zero(&frames, 13, OWNER_CHECK);
	ck_assert_uint_eq(phys, 32 * MIB);
	ck_assert(frames_free(&frames, phys));
	assert_sound();
}
END_TEST

/* Whoever else asks gets others, until there are no others. */
START_TEST(tables_stay_tables)
{
	static uint64_t all[USABLE + 1];
	uint64_t tables[20];
	size_t n = 0, found = 0;

	setup(_i);
	for (unsigned i = 0; i < 20; i++) {
		tables[i] = frames_alloc_table(&frames);
		ck_assert_uint_ne(tables[i], 0);
		ck_assert_uint_eq(count_bytes(arena + tables[i], 4096, 0), 4096);
	}
	ck_assert_uint_eq(frames.owned[OWNER_TABLE], 20);
	for (unsigned i = 0; i < 20; i++)
		ck_assert(frames_free_table(&frames, tables[i]));
	ck_assert_uint_eq(frames.owned[OWNER_TABLE], 0);
	ck_assert_uint_eq(frames.free, USABLE);
	assert_sound();
	expect_refusal(tables[3]);
	ck_assert_uint_eq(frames_alloc_table(&frames), tables[19]);
	ck_assert_uint_eq(frames_used(&frames, tables[19])->count, 0);
	ck_assert(frames_free_table(&frames, tables[19]));
	while (n < USABLE - 20) {
		all[n] = frames_alloc(&frames, 0, OWNER_CHECK);
		ck_assert_uint_ne(all[n], 0);
		for (unsigned i = 0; i < 20; i++)
			ck_assert_uint_ne(all[n], tables[i]);
		n++;
	}
	ck_assert_uint_eq(frames.free, 20);
	assert_sound();
	for (; (all[n] = frames_alloc(&frames, 0, OWNER_CHECK)); n++)
		for (unsigned i = 0; i < 20; i++)
			found += all[n] == tables[i];
	ck_assert_uint_eq(n, USABLE);
	ck_assert_uint_eq(found, 20);
	ck_assert_uint_eq(frames.free, 0);
	ck_assert_uint_eq(frames_alloc_table(&frames), 0);
	assert_sound();
}
END_TEST

START_TEST(only_tables_are_freed_as_such)
{
	uint64_t phys;

	setup(_i);
	phys = frames_alloc(&frames, 0, OWNER_USER);
	ck_assert(!frames_free_table(&frames, phys));
	ck_assert(!frames_free_table(&frames, 0));
	ck_assert_uint_eq(faults, 2);
	ck_assert(frames_free(&frames, phys));
	ck_assert(!frames_free_table(&frames, phys));
	ck_assert_uint_eq(faults, 3);
	ck_assert_uint_eq(frames.free, USABLE);
	assert_sound();
}
END_TEST

#define LIVE_MAX 400

struct live {
	uint64_t phys;
	unsigned order;
	enum frame_owner owner;
};

/* owner_of[n]: the live block that has frame n, from 1; 0: none. */
static uint16_t owner_of[RAM / 4096];

static void mark(uint64_t phys, unsigned order, unsigned from, unsigned to)
{
	uint64_t n = phys / 4096, end = n + (1u << order);

	while (n < end && n < RAM / 4096 && owner_of[n] == from)
		owner_of[n++] = to;
	if (n < end)
		ck_abort_msg("frame %llx belongs to another", (unsigned long long)n);
}

START_TEST(random_sequences)
{
	static struct live live[LIVE_MAX];
	uint32_t used = 0;

	setup(_i & 1);
	random_seed(_i);
	memset(owner_of, 0xff, sizeof(owner_of));
	memset(owner_of + FIRST / 4096, 0, (HOLE - FIRST) / 4096 * sizeof(owner_of[0]));
	memset(owner_of + HOLE_END / 4096, 0, (RAM - HOLE_END) / 4096 * sizeof(owner_of[0]));
	for (unsigned step = 0; step < 20000; step++) {
		unsigned i = random_below(LIVE_MAX);
		struct live *block = &live[i];

		if (block->phys) {
			if (!frames_free(&frames, block->phys))
				ck_abort_msg("%s", fault_what);
			mark(block->phys, block->order, i + 1, 0);
			used -= 1u << block->order;
			block->phys = 0;
		} else {
			block->order = random_below(random_below(4) ? 4 : 12);
			block->owner = 1 + random_below(OWNERS - 1);
			block->phys =
				random_below(2)
					? frames_alloc_zero(&frames, block->order, block->owner)
					: frames_alloc(&frames, block->order, block->owner);
			if (!block->phys)
				continue;
			if (block->phys % (4096ull << block->order))
				ck_abort_msg(
					"%llx is not aligned", (unsigned long long)block->phys);
			mark(block->phys, block->order, 0, i + 1);
			used += 1u << block->order;
		}
		if (frames.free != USABLE - used)
			ck_abort_msg("%u free, expected %u", frames.free, (unsigned)USABLE - used);
		if (step % 1000 == 0)
			assert_sound();
	}
	for (unsigned i = 0; i < LIVE_MAX; i++) {
		if (live[i].phys)
			ck_assert(frames_free(&frames, live[i].phys));
	}
	ck_assert_uint_eq(faults, 0);
	ck_assert_uint_eq(frames.free, USABLE);
	for (unsigned owner = 0; owner < OWNERS; owner++)
		ck_assert_uint_eq(frames.owned[owner], 0);
	assert_sound();
	ck_assert_uint_eq(frames_alloc(&frames, 13, OWNER_CHECK), 32 * MIB);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{counts_what_it_is_given, 2},
		{blocks_are_aligned_and_owned, 2},
		{zero_means_zero, 2},
		{clean_memory_is_spared, 0},
		{refuses_what_is_no_block, 2},
		{refuses_to_hand_out_twice, 2},
		{refuses_to_hand_out_a_single_frame_twice, 2},
		{audit_finds_a_damaged_block, 2},
		{runs_out_and_recovers, 2},
		{joins_clean_and_used_memory_if_need_be, 0},
		{tables_stay_tables, 2},
		{only_tables_are_freed_as_such, 2},
		{random_sequences, 6},
	};

	return RUN_UNIT("kernel frames", tests);
}
