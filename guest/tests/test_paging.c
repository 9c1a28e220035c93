/* SPDX-License-Identifier: MIT */
/*
 * test_paging.c: the kernel's page tables against a list of pages that should be there, and against
 * a walk through the tables with numbers taken from the SDM by hand.
 */
#include "unit.h"

#include "errno.h"
#include "paging.h"

#define RAM    (64ull << 20)
#define FIRST  (1ull << 20)
#define LARGE  0x200000ull
#define PAGE   0x1000ull
#define WINDOW (4 * LARGE)
#define PAGES  (WINDOW / PAGE)

uintptr_t direct_map;

static struct frames frames;
static struct space kernel, space;
static uint64_t flushed[16], flushes;

void tlb_flush_page(const struct space *of, uint64_t virt)
{
	flushed[flushes++ % 16] = virt;
}

static void note_fault(struct frames *f, const char *what, uint64_t phys)
{
	ck_abort_msg("%s: %llx", what, (unsigned long long)phys);
}

static void setup(void)
{
	arena_create(RAM);
	frames = (struct frames){.fault = note_fault};
	frames_init(&frames, RAM, 0x1000, true);
	frames_add(&frames, FIRST, RAM - FIRST, true);
	ck_assert_int_eq(space_init(&kernel, &frames, NULL), 0);
	ck_assert_int_eq(space_reserve(&kernel, 0xffffc00000000000), 0);
	ck_assert_int_eq(space_reserve(&kernel, 0xffffffff80000000), 0);
	ck_assert_int_eq(space_init(&space, &frames, &kernel), 0);
	flushes = 0;
}

struct walk {
	bool present;
	uint64_t phys, size;
	bool user, write, exec; /* as the CPU has them: all levels together */
	bool user_everywhere, user_nowhere;
};

static uint64_t entry_at(uint64_t table, uint64_t index)
{
	uint64_t entry;

	memcpy(&entry, (uint8_t *)direct_map + table + index * 8, 8);
	return entry;
}

/* SDM vol. 3, figures 4-8 and 4-9, tables 4-15 to 4-20: bit 0 present, 1 writable, 2 user, 7 page
 * size, 63 no execute, 51:12 address. */
static struct walk walk(const struct space *of, uint64_t virt)
{
	static const unsigned shifts[] = {39, 30, 21, 12};
	struct walk w = {.user = true,
		.write = true,
		.exec = true,
		.user_everywhere = true,
		.user_nowhere = true};
	uint64_t table = of->root, entry;

	for (unsigned i = 0; i < 4; i++) {
		entry = entry_at(table, virt >> shifts[i] & 511);
		if (!(entry & 1))
			return (struct walk){0};
		w.write &= !!(entry & 2);
		w.user &= !!(entry & 4);
		w.exec &= !(entry >> 63);
		w.user_everywhere &= !!(entry & 4);
		w.user_nowhere &= !(entry & 4);
		table = entry & 0x000ffffffffff000;
		if (i == 3 || (i == 2 && entry & 0x80)) {
			w.size = 1ull << shifts[i];
			w.phys = (entry & 0x000ffffffffff000 & ~(w.size - 1)) + virt % w.size;
			w.present = true;
			return w;
		}
		if (entry & 0x80)
			ck_abort_msg("a large page at level %u", 4 - i);
	}
	return w;
}

START_TEST(maps_one_user_page)
{
	struct walk w;
	struct translation page;

	setup();
	ck_assert_int_eq(space_map(&space, 0x400000, 0x123000, PAGE, MAP_USER), 0);
	w = walk(&space, 0x400abc);
	ck_assert(w.present && w.user_everywhere && !w.write && !w.exec);
	ck_assert_uint_eq(w.phys, 0x123abc);
	ck_assert_uint_eq(w.size, PAGE);
	ck_assert(!walk(&space, 0x401000).present);
	ck_assert(!walk(&space, 0x3fffff).present);
	ck_assert(!walk(&kernel, 0x400abc).present);
	ck_assert(space_translate(&space, 0x400abc, &page));
	ck_assert_uint_eq(page.phys, 0x123abc);
	ck_assert_uint_eq(page.flags, MAP_USER);
	ck_assert(!space_translate(&space, 0x0000800000400000, &page));
	ck_assert(!space_translate(&space, 0x401000, &page));
}
END_TEST

/* Literal entries: present, user, accessed by nobody yet; no execute. Kernel pages: global,
 * accessed, dirty. */
START_TEST(entries_are_as_the_manual_has_them)
{
	uint64_t pdpt, pd, pt;

	setup();
	ck_assert_int_eq(space_map(&space, 0x400000, 0x123000, PAGE, MAP_USER | MAP_WRITE), 0);
	pdpt = entry_at(space.root, 0);
	ck_assert_uint_eq(pdpt & 0xfff, 0x7);
	pd = entry_at(pdpt & ~0xfffull, 0);
	ck_assert_uint_eq(pd & 0xfff, 0x7);
	pt = entry_at(pd & ~0xfffull, 2);
	ck_assert_uint_eq(pt & 0xfff, 0x7);
	ck_assert_uint_eq(entry_at(pt & ~0xfffull, 0), 0x8000000000123007);
	ck_assert_int_eq(space_map(&kernel, 0xffffffff80000000, 0x400000, LARGE, MAP_EXEC), 0);
	pdpt = entry_at(space.root, 511);
	ck_assert_uint_eq(pdpt & 0xfff, 0x3);
	pd = entry_at(pdpt & ~0xfffull, 510);
	ck_assert_uint_eq(pd & 0xfff, 0x3);
	ck_assert_uint_eq(entry_at(pd & ~0xfffull, 0), 0x4001e1);
	ck_assert_int_eq(
		space_map(&kernel, 0xffffc00000000000, 0xfee00000, PAGE, MAP_WRITE | MAP_UNCACHED),
		0);
	pdpt = entry_at(space.root, 384);
	pd = entry_at(pdpt & ~0xfffull, 0);
	pt = entry_at(pd & ~0xfffull, 0);
	ck_assert_uint_eq(entry_at(pt & ~0xfffull, 0), 0x80000000fee0017b);
}
END_TEST

START_TEST(refuses_bad_ranges)
{
	const struct {
		uint64_t virt, phys, size;
		unsigned flags;
	} bad[] = {
		{0x400001, 0x1000, PAGE, MAP_USER},
		{0x400000, 0x1001, PAGE, MAP_USER},
		{0x400000, 0x1000, 0x800, MAP_USER},
		{0x400000, 0x1000, 0, MAP_USER},
		{0x400000, 0x1000, PAGE, 0},
		{0xffffc00000000000, 0x1000, PAGE, MAP_USER},
		{0x00007ffffffff000, 0x1000, 2 * PAGE, MAP_USER},
		{0x0000800000000000, 0x1000, PAGE, MAP_USER},
		{0xffff7ffffffff000, 0x1000, PAGE, 0},
		{0xfffffffffffff000, 0x1000, 2 * PAGE, 0},
		{0x400000, 0x000ffffffffff000, 2 * PAGE, MAP_USER},
		{0x400000, 0x0010000000000000, PAGE, MAP_USER},
	};
	uint32_t free;

	setup();
	free = frames.free;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(space_map(&space, bad[i].virt, bad[i].phys, bad[i].size,
				      bad[i].flags) == -EINVAL,
			"row %zu", i);
	ck_assert_int_eq(space_unmap(&space, 0x400800, PAGE), -EINVAL);
	ck_assert_int_eq(space_unmap(&space, 0x7ffffffff000, 2 * PAGE), -EINVAL);
	ck_assert_int_eq(space_protect(&space, 0x400000, PAGE, 0), -ENOENT);
	ck_assert_uint_eq(frames.free, free);
	/* The very last pages of either half are fine. */
	ck_assert_int_eq(space_map(&space, 0x00007ffffffff000, 0x1000, PAGE, MAP_USER), 0);
	ck_assert_int_eq(space_map(&kernel, 0xfffffffffffff000, 0x1000, PAGE, 0), 0);
	ck_assert(walk(&space, 0xffffffffffffffff).present);
	ck_assert_int_eq(space_unmap(&space, 0x00007ffffffff000, PAGE), 0);
	ck_assert_int_eq(space_unmap(&kernel, 0xfffffffffffff000, PAGE), 0);
}
END_TEST

START_TEST(failed_map_changes_nothing)
{
	uint32_t free;

	setup();
	ck_assert_int_eq(space_map(&space, 0x7ff000, 0x5000, PAGE, MAP_USER), 0);
	free = frames.free;
	ck_assert_int_eq(space_map(&space, 0x5fe000, 0x10000, 0x400000, MAP_USER), -EEXIST);
	ck_assert_uint_eq(frames.free, free);
	ck_assert(!walk(&space, 0x5fe000).present);
	ck_assert(!walk(&space, 0x7fe000).present);
	ck_assert_uint_eq(walk(&space, 0x7ff000).phys, 0x5000);
	/* A large page where a table hangs, and the other way round. */
	ck_assert_int_eq(space_map(&space, 0x600000, 0, LARGE, MAP_USER), -EEXIST);
	ck_assert_int_eq(space_map(&space, 0xa00000, 0, LARGE, MAP_USER), 0);
	free = frames.free;
	ck_assert_int_eq(space_map(&space, 0xa05000, 0, PAGE, MAP_USER), -EEXIST);
	ck_assert_uint_eq(frames.free, free);
	ck_assert_uint_eq(walk(&space, 0xa05000).size, LARGE);
}
END_TEST

/* Tables are asked for one by one; whichever is the one too many, all is as before. */
START_TEST(survives_lack_of_memory)
{
	static uint64_t taken[RAM / PAGE];
	size_t n = 0;

	setup();
	while ((taken[n] = frames_alloc(&frames, 0, OWNER_CHECK)))
		n++;
	for (int i = 0; i < _i; i++)
		frames_free(&frames, taken[--n]);
	ck_assert_int_eq(space_map(&space, 0x3fffff000, 0x1000, 2 * PAGE, MAP_USER), -ENOMEM);
	ck_assert_uint_eq(frames.free, _i);
	ck_assert(!walk(&space, 0x3fffff000).present);
	ck_assert_uint_eq(frames_used(&frames, space.root)->count, 0);
	while (n--)
		frames_free(&frames, taken[n]);
	ck_assert_int_eq(space_map(&space, 0x3fffff000, 0x1000, 2 * PAGE, MAP_USER), 0);
}
END_TEST

START_TEST(shares_the_kernel_half)
{
	struct space other;
	uint32_t free;

	setup();
	ck_assert_int_eq(space_init(&other, &frames, &kernel), 0);
	ck_assert_int_eq(space_map(&kernel, 0xffffc00000123000, 0x77000, PAGE, MAP_WRITE), 0);
	ck_assert_uint_eq(walk(&space, 0xffffc00000123000).phys, 0x77000);
	ck_assert_uint_eq(walk(&other, 0xffffc00000123000).phys, 0x77000);
	ck_assert(walk(&other, 0xffffc00000123000).user_nowhere);
	ck_assert_int_eq(space_unmap(&kernel, 0xffffc00000123000, PAGE), 0);
	ck_assert(!walk(&other, 0xffffc00000123000).present);
	free = frames.free;
	ck_assert_int_eq(space_map(&kernel, 0xffffc00000123000, 0x77000, PAGE, MAP_WRITE), 0);
	ck_assert_uint_eq(walk(&other, 0xffffc00000123000).phys, 0x77000);
	ck_assert_int_eq(space_unmap(&kernel, 0xffffc00000123000, PAGE), 0);
	ck_assert_uint_eq(frames.free, free);
	/* What is still mapped in the user half goes with the space; what is mapped there is not
	 * its own. */
	ck_assert_int_eq(space_map(&other, 0x1000, 0x5000, 3 * LARGE, MAP_USER), 0);
	ck_assert_int_eq(space_map(&other, 0x7fffffffe000, 0x5000, PAGE, MAP_USER), 0);
	space_deinit(&other);
	ck_assert_uint_eq(frames.free, free + 1);
}
END_TEST

/* Frames kept for tables are all zero, whatever was mapped when their space went. */
START_TEST(tables_are_given_back_empty)
{
	struct space other;
	uint32_t kept = 0;

	setup();
	ck_assert_int_eq(space_init(&other, &frames, &kernel), 0);
	ck_assert_int_eq(space_map(&other, 0x1000, 0x5000, LARGE, MAP_USER), 0);
	ck_assert_int_eq(space_map(&other, 0x40000000, 0, LARGE, MAP_USER), 0);
	ck_assert_int_eq(space_map(&other, 0x7fffffffe000, 0x5000, PAGE, MAP_USER), 0);
	ck_assert_int_eq(space_unmap(&other, 0x40000000, LARGE), 0);
	space_deinit(&other);
	for (uint64_t n = frames.tables.first; n; kept++) {
		uint64_t table = n << 12;
		const struct frame *frame = frames_find(&frames, table, NULL);

		ck_assert_int_eq(frame->state, FRAME_KEPT);
		for (unsigned i = 0; i < 512; i++)
			ck_assert_uint_eq(entry_at(table, i), 0);
		n = frame->next;
	}
	/* The root; level 3: the lowest and the highest; level 2: those and the second; page
	 * tables: two for the first stretch, the highest. */
	ck_assert_uint_eq(kept, 1 + 2 + 3 + 3);
	ck_assert(frames_audit(&frames));
}
END_TEST

/* The page table that was looked at last is remembered; its frame becomes the table of others. */
START_TEST(a_table_that_went_is_forgotten)
{
	struct translation page;

	setup();
	ck_assert_int_eq(space_map(&space, 0x400000, 0x5000, PAGE, MAP_USER), 0);
	ck_assert(space_translate(&space, 0x400123, &page));
	ck_assert_uint_eq(page.phys, 0x5123);
	ck_assert(!space_translate(&space, 0x401000, &page));
	ck_assert(!space_translate(&space, 0x600000, &page));
	ck_assert(!space_translate(&space, 0x8000400000, &page));
	ck_assert_int_eq(space_unmap(&space, 0x400000, PAGE), 0);
	ck_assert_int_eq(space_map(&space, 0x7fffffe00000, 0x6000, PAGE, MAP_USER), 0);
	ck_assert(!space_translate(&space, 0x400000, &page));
	ck_assert_int_eq(space_map(&space, 0x400000, 0x7000, PAGE, MAP_USER), 0);
	ck_assert_uint_eq(walk(&space, 0x400000).phys, 0x7000);
	ck_assert_uint_eq(walk(&space, 0x7fffffe00000).phys, 0x6000);
	ck_assert(space_translate(&space, 0x7fffffe00fff, &page));
	ck_assert_uint_eq(page.phys, 0x6fff);
}
END_TEST

START_TEST(lists_pages_with_their_rights)
{
	uint64_t pages[8] = {0};

	setup();
	ck_assert_int_eq(space_map(&space, 0x3fe000, 0x5000, 4 * PAGE, MAP_USER | MAP_WRITE), 0);
	ck_assert_int_eq(space_map(&space, 0x402000, 0x123000, PAGE, MAP_USER), 0);
	/* Up to the end of a page table's reach. */
	ck_assert_uint_eq(space_list_pages(&space, 0x3fe000, 8, MAP_USER | MAP_WRITE, pages), 2);
	ck_assert_uint_eq(pages[0], 0x5000);
	ck_assert_uint_eq(pages[1], 0x6000);
	ck_assert_uint_eq(pages[2], 0);
	ck_assert_uint_eq(space_list_pages(&space, 0x400000, 8, MAP_USER | MAP_WRITE, pages), 2);
	ck_assert_uint_eq(pages[1], 0x8000);
	ck_assert_uint_eq(space_list_pages(&space, 0x400000, 8, MAP_USER, pages), 3);
	ck_assert_uint_eq(pages[2], 0x123000);
	ck_assert_uint_eq(space_list_pages(&space, 0x400000, 1, MAP_USER, pages), 1);
	ck_assert_uint_eq(space_list_pages(&space, 0x402000, 8, MAP_USER | MAP_WRITE, pages), 0);
	ck_assert_uint_eq(space_list_pages(&space, 0x403000, 8, MAP_USER, pages), 0);
	ck_assert_uint_eq(space_list_pages(&space, 0x7fffffffe000, 8, MAP_USER, pages), 0);
	/* Of the kernel: none of a program's, and large ones. */
	ck_assert_int_eq(space_map(&kernel, 0xffffffff80000000, 0x400000, LARGE, MAP_WRITE), 0);
	ck_assert_uint_eq(space_list_pages(&kernel, 0xffffffff80003000, 8, MAP_WRITE, pages), 1);
	ck_assert_uint_eq(pages[0], 0x403000);
	ck_assert_uint_eq(space_list_pages(&space, 0xffffffff80003000, 8, MAP_USER, pages), 0);
}
END_TEST

START_TEST(unmapping_flushes)
{
	setup();
	ck_assert_int_eq(space_map(&space, 0x400000, 0x1000, 4 * PAGE, MAP_USER | MAP_WRITE), 0);
	ck_assert_uint_eq(flushes, 0);
	ck_assert_int_eq(space_protect(&space, 0x401000, PAGE, MAP_USER), 0);
	ck_assert_uint_eq(flushes, 1);
	ck_assert_uint_eq(flushed[0], 0x401000);
	ck_assert_int_eq(space_unmap(&space, 0x402000, PAGE), 0);
	ck_assert_uint_eq(flushes, 2);
	ck_assert_uint_eq(flushed[1], 0x402000);
	ck_assert(!walk(&space, 0x401000).write);
	ck_assert(walk(&space, 0x400000).write);
}
END_TEST

START_TEST(large_pages_are_not_cut)
{
	setup();
	ck_assert_int_eq(space_map(&space, 0x400000, 0x800000, 2 * LARGE, MAP_USER), 0);
	ck_assert_uint_eq(walk(&space, 0x600000).size, LARGE);
	ck_assert_int_eq(space_unmap(&space, 0x401000, PAGE), -EINVAL);
	ck_assert_int_eq(space_unmap(&space, 0x400000, LARGE + PAGE), -EINVAL);
	ck_assert_int_eq(space_protect(&space, 0x5ff000, 2 * PAGE, MAP_WRITE), -EINVAL);
	ck_assert_uint_eq(walk(&space, 0x400000).phys, 0x800000);
	ck_assert_int_eq(space_protect(&space, 0x400000, LARGE, MAP_WRITE | MAP_EXEC), 0);
	ck_assert(walk(&space, 0x5fffff).write && walk(&space, 0x5fffff).exec);
	ck_assert(!walk(&space, 0x600000).write);
	ck_assert_int_eq(space_unmap(&space, 0x400000, LARGE), 0);
	ck_assert(!walk(&space, 0x400000).present);
	ck_assert_uint_eq(walk(&space, 0x600000).phys, 0xa00000);
}
END_TEST

/* What the model knows of one page of a window. */
struct model_page {
	bool mapped, large;
	uint64_t phys;
	unsigned flags;
};

static struct model_page model[2][PAGES];
/* Both straddle a border between two page directories. */
static const uint64_t windows[2] = {0x0000007fffc00000, 0xffffc0003fc00000};

static bool model_free(unsigned window, size_t first, size_t n)
{
	for (size_t i = first; i < first + n; i++) {
		if (model[window][i].mapped)
			return false;
	}
	return true;
}

/* Whether a large page reaches over the border before page i. */
static bool model_cut(unsigned window, size_t i)
{
	return i < PAGES && i % 512 && model[window][i].mapped && model[window][i].large;
}

static void model_map(unsigned window, size_t first, size_t n, uint64_t phys, unsigned flags)
{
	for (size_t i = first; i < first + n;) {
		bool large = i % 512 == 0 && phys % LARGE == 0 && first + n - i >= 512;

		for (size_t k = 0; k < (large ? 512 : 1); k++, i++, phys += PAGE)
			model[window][i] = (struct model_page){true, large, phys, flags};
	}
}

static bool agrees(unsigned window, size_t i)
{
	const struct model_page *page = &model[window][i];
	struct walk w = walk(&space, windows[window] + i * PAGE);
	struct translation t;
	bool found = space_translate(&space, windows[window] + i * PAGE, &t);

	if (!page->mapped)
		return !w.present && !found;
	return w.present && found && w.phys == page->phys && t.phys == page->phys &&
	       w.size == (page->large ? LARGE : PAGE) && t.size == w.size &&
	       w.write == !!(page->flags & MAP_WRITE) && w.exec == !!(page->flags & MAP_EXEC) &&
	       (window == 0 ? w.user_everywhere : w.user_nowhere) &&
	       (t.flags & (MAP_WRITE | MAP_EXEC | MAP_USER)) == page->flags;
}

static void random_map(unsigned window, size_t first, size_t n)
{
	uint64_t virt = windows[window] + first * PAGE;
	uint64_t phys = random_below(64) * LARGE +
	                (random_below(2) ? virt % LARGE : random_below(512) * PAGE);
	unsigned flags = random_below(4) | (window == 0 ? MAP_USER : 0);
	bool possible = model_free(window, first, n);

	ck_assert_int_eq(space_map(window ? &kernel : &space, virt, phys, n * PAGE, flags),
		possible ? 0 : -EEXIST);
	if (possible)
		model_map(window, first, n, phys, flags);
}

static void random_unmap(unsigned window, size_t first, size_t n)
{
	bool possible = !model_cut(window, first) && !model_cut(window, first + n);

	ck_assert_int_eq(space_unmap(&space, windows[window] + first * PAGE, n * PAGE),
		possible ? 0 : -EINVAL);
	if (possible)
		memset(&model[window][first], 0, n * sizeof(model[0][0]));
}

static void random_protect(unsigned window, size_t first, size_t n)
{
	unsigned flags = random_below(4) | (window == 0 ? MAP_USER : 0);
	int expected = model_cut(window, first) || model_cut(window, first + n) ? -EINVAL : 0;

	for (size_t i = first; expected == 0 && i < first + n; i++) {
		if (!model[window][i].mapped)
			expected = -ENOENT;
	}
	ck_assert_int_eq(
		space_protect(&space, windows[window] + first * PAGE, n * PAGE, flags), expected);
	for (size_t i = first; expected != -EINVAL && i < first + n && model[window][i].mapped; i++)
		model[window][i].flags = flags;
}

static void sum_stretch(void *ctx, uint64_t virt, uint64_t bytes, const struct translation *first)
{
	unsigned window = virt >= windows[1];
	size_t i = (virt - windows[window]) / PAGE;
	uint64_t *sum = ctx;

	if (i >= PAGES || first->phys != model[window][i].phys ||
		first->size != (model[window][i].large ? LARGE : PAGE))
		ck_abort_msg("a stretch at %llx", (unsigned long long)virt);
	*sum += bytes;
}

static void compare_all(void)
{
	uint64_t sum = 0, expected = 0;

	for (unsigned window = 0; window < 2; window++) {
		for (size_t i = 0; i < PAGES; i++) {
			if (!agrees(window, i))
				ck_abort_msg(
					"page %zu of window %u is not as it should be", i, window);
			expected += model[window][i].mapped ? PAGE : 0;
		}
	}
	space_walk(&space, 0, UINT64_MAX, sum_stretch, &sum);
	ck_assert_uint_eq(sum, expected);
}

START_TEST(random_sequences)
{
	uint32_t free;

	setup();
	memset(model, 0, sizeof(model));
	random_seed(_i);
	free = frames.free;
	for (unsigned step = 0; step < 3000; step++) {
		unsigned window = random_below(2);
		size_t first = random_below(PAGES),
		       n = 1 + random_below(random_below(4) ? 40 : PAGES);

		if (random_below(3) == 0)
			first &= ~511ul;
		if (random_below(3) == 0)
			n = (n + 511) & ~511ul;
		if (n > PAGES - first)
			n = PAGES - first;
		switch (random_below(5)) {
		case 0:
		case 1:
			random_map(window, first, n);
			break;
		case 2:
		case 3:
			random_unmap(window, first, n);
			break;
		default:
			random_protect(window, first, n);
		}
		if (step % 300 == 0)
			compare_all();
	}
	compare_all();
	for (unsigned window = 0; window < 2; window++)
		ck_assert_int_eq(space_unmap(&space, windows[window], WINDOW), 0);
	ck_assert_uint_eq(frames.free, free);
	space_deinit(&space);
	ck_assert_uint_eq(frames.free, free + 1);
	ck_assert(frames_audit(&frames));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{maps_one_user_page, 0},
		{entries_are_as_the_manual_has_them, 0},
		{refuses_bad_ranges, 0},
		{failed_map_changes_nothing, 0},
		{survives_lack_of_memory, 4},
		{shares_the_kernel_half, 0},
		{tables_are_given_back_empty, 0},
		{a_table_that_went_is_forgotten, 0},
		{lists_pages_with_their_rights, 0},
		{unmapping_flushes, 0},
		{large_pages_are_not_cut, 0},
		{random_sequences, 12},
	};

	return RUN_UNIT("kernel paging", tests);
}
