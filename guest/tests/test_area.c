/* SPDX-License-Identifier: MIT */
/*
 * test_area.c: the list of areas against an array that says for each page what it should be.
 */
#include "unit.h"

#include "errno.h"
#include "fs/files.h"
#include "mm/area.h"
#include "pool.h"

#define PAGE   0x1000ull
#define PAGES  64u
#define LOWEST 0x10000ull

struct file {
	int users;
};

uintptr_t direct_map;

static struct file files[2];
static unsigned model[PAGES]; /* flags + 1; 0: nothing. File n: + 64 * (n + 1) + 1024 * index */
static int blocks;

void *kmalloc(size_t size, const char *owner)
{
	blocks++;
	return malloc(size);
}

void kfree(void *pointer)
{
	blocks -= pointer != NULL;
	free(pointer);
}

struct file *file_acquire(struct file *file)
{
	file->users++;
	return file;
}

void file_release(struct file *file)
{
	ck_assert_int_gt(file->users, 0);
	file->users--;
}

static uint64_t address(unsigned page)
{
	return LOWEST + page * PAGE;
}

static unsigned describe(const struct area *area, unsigned page)
{
	unsigned value = area->flags + 1;

	if (area->file)
		value += 64 * (unsigned)(area->file - files + 1) +
		         1024 * (unsigned)((area->offset + address(page) - area->start) / PAGE);
	return value;
}

static void compare(const struct areas *areas)
{
	uint64_t last = 0, pages = 0;

	for (const struct area *area = areas->first; area; area = area->next) {
		ck_assert_uint_lt(area->start, area->end);
		ck_assert_uint_ge(area->start, last);
		last = area->end;
	}
	for (unsigned i = 0; i < PAGES; i++) {
		const struct area *area = area_at(areas, address(i) + PAGE - 1);

		ck_assert_uint_eq(area ? describe(area, i) : 0, model[i]);
		pages += model[i] != 0;
	}
	ck_assert_uint_eq(areas->pages, pages);
}

static bool model_free(unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++) {
		if (model[i])
			return false;
	}
	return true;
}

static bool model_full(unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++) {
		if (!model[i])
			return false;
	}
	return true;
}

static void try_insert(struct areas *areas, unsigned from, unsigned n)
{
	unsigned flags = (unsigned)random_below(8), which = (unsigned)random_below(3);
	unsigned first = (unsigned)random_below(4);
	struct file *file = which ? &files[which - 1] : NULL;
	int error = area_insert(areas, address(from), address(from + n), flags, file, first * PAGE);

	ck_assert_int_eq(error, model_free(from, n) ? 0 : -EEXIST);
	for (unsigned i = 0; i < n && !error; i++)
		model[from + i] = flags + 1 + (file ? 64 * which + 1024 * (first + i) : 0);
}

static void try_rights(struct areas *areas, unsigned from, unsigned n)
{
	unsigned rights = (unsigned)random_below(8);
	bool full = model_full(from, n);

	ck_assert_int_eq(area_set_rights(areas, address(from), address(from + n), rights),
		full ? 0 : -ENOMEM);
	for (unsigned i = from; i < from + n && full; i++)
		model[i] = (((model[i] - 1) & ~7u) | rights) + 1;
}

static void try_gap(const struct areas *areas, unsigned n)
{
	uint64_t expected = 0;

	for (unsigned i = 0; i + n <= PAGES; i++) {
		if (model_free(i, n))
			expected = address(i);
	}
	ck_assert_uint_eq(area_gap(areas, n * PAGE, LOWEST, address(PAGES)), expected);
}

START_TEST(behaves_as_the_model)
{
	struct areas areas = {0}, copy = {0};

	random_seed((unsigned)_i);
	memset(model, 0, sizeof(model));
	for (int step = 0; step < 3000; step++) {
		unsigned n = 1 + (unsigned)random_below(12);
		unsigned from = (unsigned)random_below(PAGES - n + 1);

		switch (random_below(4)) {
		case 0:
			ck_assert_int_eq(area_cut(&areas, address(from), address(from + n)), 0);
			memset(model + from, 0, n * sizeof(model[0]));
			break;
		case 1:
			try_rights(&areas, from, n);
			break;
		default:
			try_insert(&areas, from, n);
		}
		try_gap(&areas, n);
		compare(&areas);
	}
	ck_assert_int_eq(area_copy(&areas, &copy), 0);
	area_clear(&areas);
	compare(&copy);
	area_clear(&copy);
	pools_drain();
	ck_assert_int_eq(blocks, 0);
	ck_assert_int_eq(files[0].users, 0);
	ck_assert_int_eq(files[1].users, 0);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {{behaves_as_the_model, 8}};

	return RUN_UNIT("areas", tests);
}
