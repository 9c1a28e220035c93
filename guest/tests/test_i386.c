/* SPDX-License-Identifier: MIT */
/*
 * test_i386.c: what the 32-bit kernel has of its own, as parts of an ordinary program: page tables
 * of two levels against numbers taken from the SDM by hand and against a list of what should be
 * mapped, division of 64-bit numbers against the CPU's own, ELF32 headers written by hand.
 */
#include "unit.h"

#include "arch_cpu.h"
#include "errno.h"
#include "paging.h"
#include "process/elf.h"

#define RAM   (64ull << 20)
#define FIRST (1ull << 20)
#define LARGE 0x400000ull
#define PAGE  0x1000ull

uintptr_t direct_map;

static struct frames frames;
static struct space kernel, space;

void tlb_flush_page(const struct space *of, uint64_t virt)
{
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
	ck_assert_int_eq(space_reserve(&kernel, 0xe0000000), 0);
	ck_assert_int_eq(space_reserve(&kernel, 0xe0400000), 0);
	ck_assert_int_eq(space_init(&space, &frames, &kernel), 0);
}

static uint32_t entry_at(uint64_t table, uint32_t index)
{
	uint32_t entry;

	memcpy(&entry, (uint8_t *)direct_map + table + index * 4, 4);
	return entry;
}

struct walk {
	uint64_t phys, size; /* size 0: not mapped */
	bool user, write;
};

/* SDM vol. 3, figure 4-4 and tables 4-4 to 4-6: bit 0 present, 1 writable, 2 user, 7 page size; a
 * large page's address in 31:22, all others in 31:12. */
static struct walk walk(const struct space *of, uint32_t virt)
{
	uint32_t entry = entry_at(of->root, virt >> 22);
	struct walk w = {.user = entry & 4, .write = entry & 2};

	if (!(entry & 1))
		return (struct walk){0};
	if (entry & 0x80) {
		w.size = LARGE;
		w.phys = (entry & 0xffc00000) + (virt & 0x3fffff);
		return w;
	}
	entry = entry_at(entry & 0xfffff000, virt >> 12 & 1023);
	if (!(entry & 1))
		return (struct walk){0};
	w.user &= !!(entry & 4);
	w.write &= !!(entry & 2);
	w.size = PAGE;
	w.phys = (entry & 0xfffff000) + (virt & 0xfff);
	return w;
}

START_TEST(entries_are_as_the_manual_has_them)
{
	uint32_t pde;

	setup();
	ck_assert_int_eq(space_map(&space, 0x400000, 0x123000, PAGE, MAP_USER | MAP_WRITE), 0);
	pde = entry_at(space.root, 1);
	ck_assert_uint_eq(pde & 0xfff, 0x7);
	ck_assert_uint_eq(entry_at(pde & ~0xfffu, 0), 0x123007);
	/* Global, accessed, dirty. */
	ck_assert_int_eq(space_map(&kernel, 0x80400000, 0xc00000, LARGE, 0), 0);
	ck_assert_uint_eq(entry_at(kernel.root, 0x201), 0xc001e1);
	ck_assert_int_eq(
		space_map(&kernel, 0xe0001000, 0xfee00000, PAGE, MAP_WRITE | MAP_UNCACHED), 0);
	pde = entry_at(space.root, 0x380);
	ck_assert_uint_eq(pde & 0xfff, 0x3);
	ck_assert_uint_eq(entry_at(pde & ~0xfffu, 1), 0xfee0017b);
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
		{0x400000, 0x1000, 0, MAP_USER},
		{0x400000, 0x1000, PAGE, 0},
		{0x80000000, 0x1000, PAGE, MAP_USER},
		{0x7ffff000, 0x1000, 2 * PAGE, MAP_USER},
		{0xfffff000, 0x1000, 2 * PAGE, 0},
		{0x100000000, 0x1000, PAGE, 0},
		{0x400000, 0xfffff000, 2 * PAGE, MAP_USER},
		{0x400000, 0x100000000, PAGE, MAP_USER},
	};
	uint32_t free;

	setup();
	free = frames.free;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(space_map(&space, bad[i].virt, bad[i].phys, bad[i].size,
				      bad[i].flags) == -EINVAL,
			"row %zu", i);
	ck_assert_uint_eq(frames.free, free);
	ck_assert_int_eq(space_map(&space, 0x7ffff000, 0xfffff000, PAGE, MAP_USER), 0);
	ck_assert_uint_eq(walk(&space, 0x7fffffff).phys, 0xffffffff);
	ck_assert_int_eq(space_map(&kernel, 0xfffff000, 0x1000, PAGE, 0), 0);
	ck_assert_uint_eq(walk(&kernel, 0xfffff123).phys, 0x1123);
}
END_TEST

START_TEST(shares_the_kernel_half)
{
	uint32_t free;

	setup();
	free = frames.free;
	ck_assert_int_eq(space_map(&kernel, 0xe03ff000, 0x77000, 2 * PAGE, MAP_WRITE), 0);
	ck_assert_uint_eq(walk(&space, 0xe03ff000).phys, 0x77000);
	ck_assert_uint_eq(walk(&space, 0xe0400000).phys, 0x78000);
	ck_assert(!walk(&space, 0xe0400000).user);
	ck_assert_int_eq(space_unmap(&kernel, 0xe03ff000, 2 * PAGE), 0);
	ck_assert_uint_eq(walk(&space, 0xe0400000).size, 0);
	ck_assert_uint_eq(frames.free, free);
	ck_assert_int_eq(space_map(&space, 0x3ff000, 0x5000, 2 * PAGE, MAP_USER), 0);
	ck_assert_uint_eq(frames.free, free - 2);
	space_deinit(&space);
	ck_assert_uint_eq(frames.free, free + 1);
}
END_TEST

struct piece {
	uint64_t virt, bytes, phys;
};

static void note_piece(void *ctx, uint64_t virt, uint64_t bytes, const struct translation *first)
{
	struct piece *pieces = *(struct piece **)ctx;

	*pieces = (struct piece){virt, bytes, first->phys};
	*(struct piece **)ctx = pieces + 1;
}

START_TEST(a_walk_ends_with_the_addresses)
{
	struct piece pieces[4] = {{0}}, *next = pieces;

	setup();
	ck_assert_int_eq(space_map(&kernel, 0x803ff000, 0x3ff000, PAGE + LARGE, 0), 0);
	ck_assert_int_eq(space_map(&kernel, 0xfffff000, 0x1000, PAGE, 0), 0);
	space_walk(&kernel, 0, UINT64_MAX, note_piece, &next);
	ck_assert_int_eq(next - pieces, 3);
	ck_assert_uint_eq(pieces[0].virt, 0x803ff000);
	ck_assert_uint_eq(pieces[0].bytes, PAGE);
	ck_assert_uint_eq(pieces[1].virt, 0x80400000);
	ck_assert_uint_eq(pieces[1].bytes, LARGE);
	ck_assert_uint_eq(pieces[2].virt, 0xfffff000);
	ck_assert_uint_eq(pieces[2].bytes, PAGE);
}
END_TEST

/* Across the border between two page tables. */
#define WINDOW 0x7fe000u
#define PAGES  6u

/* Maps, unmaps and protects single pages and runs, and compares with a list. */
START_TEST(random_changes_agree_with_a_list)
{
	uint64_t mapped[PAGES] = {0};
	bool writable[PAGES] = {0};

	setup();
	random_seed(_i);
	for (int step = 0; step < 500; step++) {
		uint32_t first = (uint32_t)random_below(PAGES);
		uint32_t n = 1 + (uint32_t)random_below(PAGES - first);
		uint64_t virt = WINDOW + first * PAGE, phys = random_below(RAM / PAGE) * PAGE;
		bool any = false, write = random_below(2);

		for (uint32_t i = first; i < first + n; i++)
			any |= mapped[i] != 0;
		if (random_below(2)) {
			ck_assert_int_eq(space_map(&space, virt, phys + PAGE, n * PAGE,
						 MAP_USER | (write ? MAP_WRITE : 0)),
				any ? -EEXIST : 0);
			for (uint32_t i = first; !any && i < first + n; i++) {
				mapped[i] = phys + PAGE + (i - first) * PAGE;
				writable[i] = write;
			}
		} else {
			ck_assert_int_eq(space_unmap(&space, virt, n * PAGE), 0);
			for (uint32_t i = first; i < first + n; i++)
				mapped[i] = 0;
		}
		for (uint32_t i = 0; i < PAGES; i++) {
			struct walk w = walk(&space, WINDOW + i * (uint32_t)PAGE);

			ck_assert_uint_eq(w.size, mapped[i] ? PAGE : 0);
			ck_assert(!w.size ||
				  (w.phys == mapped[i] && w.user && w.write == writable[i]));
		}
	}
}
END_TEST

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rest);
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
int64_t __divdi3(int64_t n, int64_t d);
int64_t __moddi3(int64_t n, int64_t d);
int __ctzdi2(uint64_t value);

static void check_division(uint64_t n, uint64_t d)
{
	uint64_t rest;

	ck_assert_uint_eq(__udivmoddi4(n, d, &rest), n / d);
	ck_assert_uint_eq(rest, n % d);
	ck_assert_uint_eq(__udivdi3(n, d), n / d);
	ck_assert_uint_eq(__umoddi3(n, d), n % d);
	if ((int64_t)n == INT64_MIN && (int64_t)d == -1)
		return;
	ck_assert_int_eq(__divdi3((int64_t)n, (int64_t)d), (int64_t)n / (int64_t)d);
	ck_assert_int_eq(__moddi3((int64_t)n, (int64_t)d), (int64_t)n % (int64_t)d);
}

START_TEST(divides_like_the_cpu)
{
	static const uint64_t edges[] = {0, 1, 2, 3, 10, 0x7fffffff, 0x80000000, 0xffffffff,
		0x100000000, 0x100000001, 0x1ffffffff, 0x7fffffffffffffff, 0x8000000000000000,
		0x8000000000000001, 0xfffffffeffffffff, 0xffffffff00000000, 0xfffffffffffffffe,
		0xffffffffffffffff};
	const size_t n = sizeof(edges) / sizeof(edges[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 1; k < n; k++)
			check_division(edges[i], edges[k]);
	random_seed(7);
	for (int i = 0; i < 200000; i++) {
		uint64_t d = random_below(~0ull) >> random_below(64);

		check_division(random_below(~0ull) << 16 ^ random_below(~0ull), d ? d : 1);
	}
	ck_assert_int_eq(__ctzdi2(1), 0);
	ck_assert_int_eq(__ctzdi2(0x80000000), 31);
	ck_assert_int_eq(__ctzdi2(0x100000000), 32);
	ck_assert_int_eq(__ctzdi2(0x8000000000000000), 63);
}
END_TEST

START_TEST(multiplies_with_128_bits)
{
	random_seed(8);
	for (int i = 0; i < 100000; i++) {
		uint64_t a = random_below(~0ull) << 20 ^ random_below(~0ull);
		uint64_t b = random_below(~0ull) >> random_below(64);
		unsigned shift = 1 + (unsigned)random_below(31);

		ck_assert_uint_eq(
			multiply_shift(a, b, shift), (uint64_t)((unsigned __int128)a * b >> shift));
	}
}
END_TEST

static uint8_t image[52 + 2 * 32];

static void put(size_t at, uint32_t value, size_t n)
{
	memcpy(image + at, &value, n);
}

/* Offsets by the ELF specification (class 32): file header, then text at 0x8049000 and data at
 * 0x804b010. */
static void make_image(void)
{
	memset(image, 0, sizeof(image));
	memcpy(image, "\177ELF\1\1\1", 7);
	put(16, 2, 2);
	put(18, 3, 2);
	put(24, 0x8049080, 4);
	put(28, 52, 4);
	put(42, 32, 2);
	put(44, 2, 2);
	put(52, 1, 4);
	put(56, 0, 4);
	put(60, 0x8049000, 4);
	put(68, 0x800, 4);
	put(72, 0x800, 4);
	put(76, 5, 4);
	put(84, 1, 4);
	put(88, 0x1010, 4);
	put(92, 0x804b010, 4);
	put(100, 0x20, 4);
	put(104, 0x2000, 4);
	put(108, 6, 4);
}

static int read_image(struct elf_image *out)
{
	int error = elf_read_header(image, sizeof(image), out);

	if (error || out->header_offset != 52 || out->header_count != 2)
		return error ? error : -EINVAL;
	return elf_read_segments(out, image + 52, 0x56555000, 0x10000, 0x7f000000);
}

START_TEST(reads_elf32)
{
	struct elf_image out;

	make_image();
	ck_assert_int_eq(read_image(&out), 0);
	ck_assert_uint_eq(out.entry, 0x8049080);
	ck_assert_uint_eq(out.segments, 2);
	ck_assert_uint_eq(out.segment[0].address, 0x8049000);
	ck_assert_uint_eq(out.segment[0].file_size, 0x800);
	ck_assert_uint_eq(out.segment[0].rights, 5); /* PROT_READ | PROT_EXEC */
	ck_assert_uint_eq(out.segment[1].address, 0x804b010);
	ck_assert_uint_eq(out.segment[1].size, 0x2000);
	ck_assert_uint_eq(out.segment[1].offset, 0x1010);
	ck_assert_uint_eq(out.segment[1].rights, 3); /* PROT_READ | PROT_WRITE */
	ck_assert_uint_eq(out.end, 0x804d010);
	ck_assert_uint_eq(out.headers, 0x8049034);
	put(4, 2, 1); /* class 64 */
	ck_assert_int_eq(read_image(&out), -ENOEXEC);
	make_image();
	put(18, 62, 2); /* x86-64 */
	ck_assert_int_eq(read_image(&out), -ENOEXEC);
	make_image();
	put(104, 0xfffff000, 4); /* beyond all addresses */
	ck_assert_int_eq(read_image(&out), -ENOEXEC);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{entries_are_as_the_manual_has_them, 0},
		{refuses_bad_ranges, 0},
		{shares_the_kernel_half, 0},
		{a_walk_ends_with_the_addresses, 0},
		{random_changes_agree_with_a_list, 4},
		{divides_like_the_cpu, 0},
		{multiplies_with_128_bits, 0},
		{reads_elf32, 0},
	};

	return RUN_UNIT("i386 parts", tests);
}
