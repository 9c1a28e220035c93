/* SPDX-License-Identifier: MIT */
/*
 * test_memory.c: guest-physical addresses to pointers at every edge of RAM, and read-only stretches
 * cut out of it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

#include "suite.h"

#define GIB (1ull << 30)

static struct guest_mem create(uint64_t size)
{
	struct guest_mem mem;
	struct error err;

	ck_assert_msg(memory_create(&mem, size, &err), "%s", err.text);
	return mem;
}

START_TEST(low_ram)
{
	struct guest_mem mem = create(1 << 20);

	ck_assert_uint_eq(mem.low, 0x100000);
	ck_assert_uint_eq(mem.high, 0);
	ck_assert_ptr_eq(memory_at(&mem, 0, 0x100000), mem.base);
	ck_assert_ptr_eq(memory_at(&mem, 0xfffff, 1), mem.base + 0xfffff);
	ck_assert_ptr_null(memory_at(&mem, 0xfffff, 2));
	ck_assert_ptr_null(memory_at(&mem, 0x100000, 1));
	ck_assert_ptr_null(memory_at(&mem, 0, 0x100001));
	ck_assert_ptr_null(memory_at(&mem, 1, ~0ull));
	ck_assert_ptr_null(memory_at(&mem, ~0ull, 1));
	ck_assert_ptr_null(memory_at(&mem, 4 * GIB, 1));
	memory_destroy(&mem);
	ck_assert_ptr_null(mem.base);
	memory_destroy(&mem); /* twice is fine */
}
END_TEST

START_TEST(the_hole)
{
	struct guest_mem mem = create(3 * GIB + 0x1000);

	ck_assert_uint_eq(mem.low, 0xc0000000);
	ck_assert_uint_eq(mem.high, 0x1000);
	ck_assert_ptr_eq(memory_at(&mem, 0xbfffffff, 1), mem.base + 0xbfffffff);
	ck_assert_ptr_null(memory_at(&mem, 0xbfffffff, 2));
	ck_assert_ptr_null(memory_at(&mem, 0xc0000000, 1));
	ck_assert_ptr_null(memory_at(&mem, 0xffffffff, 1));
	ck_assert_ptr_null(memory_at(&mem, 0xffffffff, 2));
	ck_assert_ptr_eq(memory_at(&mem, 0x100000000, 0x1000), mem.base + 0xc0000000);
	ck_assert_ptr_null(memory_at(&mem, 0x100000000, 0x1001));
	ck_assert_ptr_null(memory_at(&mem, 0x100000fff, 2));
	ck_assert_ptr_null(memory_at(&mem, 0x100001000, 1));
	ck_assert_ptr_null(memory_at(&mem, 0, 0x100001000));
	memory_destroy(&mem);
}
END_TEST

START_TEST(exactly_3_gib)
{
	struct guest_mem mem = create(3 * GIB);

	ck_assert_uint_eq(mem.low, 0xc0000000);
	ck_assert_uint_eq(mem.high, 0);
	ck_assert_ptr_null(memory_at(&mem, 0x100000000, 1));
	memory_destroy(&mem);
}
END_TEST

START_TEST(the_autopsy_sees_the_same)
{
	struct guest_mem mem = create(1 << 20);
	struct phys_mem view = memory_view(&mem);
	uint8_t bytes[4] = {9, 9, 9, 9};

	mem.base[0xffffe] = 0x12;
	mem.base[0xfffff] = 0x34;
	ck_assert(view.read(view.ctx, 0xffffe, bytes, 2));
	ck_assert_uint_eq(bytes[0], 0x12);
	ck_assert_uint_eq(bytes[1], 0x34);
	ck_assert(!view.read(view.ctx, 0xffffe, bytes, 3));
	ck_assert_uint_eq(bytes[2], 9);
	memory_destroy(&mem);
}
END_TEST

START_TEST(touched_pages_are_known)
{
	bool touched[MEMORY_TOUCHED_PAGES];
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	struct guest_mem mem;
	struct phys_mem view, foreign;
	struct error err;

	if (pagemap < 0) {
		printf("skip: memory: no /proc/self/pagemap\n");
		return;
	}
	ck_assert(memory_create(&mem, 0x400000, &err));
	/* Else one touch may bring 2 MiB. */
	madvise(memory_at(&mem, 0, 1), 0x400000, MADV_NOHUGEPAGE);
	*(char *)memory_at(&mem, 0x203000, 1) = 1;
	view = memory_view(&mem);
	memory_touched(&view, pagemap, 0x200000, 16, touched);
	for (unsigned i = 0; i < 16; i++)
		ck_assert(touched[i] == (i == 3));
	foreign = (struct phys_mem){.read = NULL, .ctx = &mem};
	memory_touched(&foreign, pagemap, 0x200000, 2, touched);
	ck_assert(touched[0] && touched[1]);
	memory_touched(&view, -1, 0x200000, 1, touched);
	ck_assert(touched[0]);
	memory_touched(&view, pagemap, 0x3ff000, 2, touched); /* one page too many */
	ck_assert(touched[0] && touched[1]);
	memory_destroy(&mem);
	close(pagemap);
}
END_TEST

START_TEST(more_than_the_host_can_map)
{
	struct guest_mem mem;
	struct error err;

	ck_assert(!memory_create(&mem, 1ull << 60, &err));
	ck_assert_int_eq(err.status, STATUS_HOST);
	ck_assert_ptr_nonnull(strstr(err.text, "1099511627776 MiB of guest memory"));
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{low_ram},
		{the_hole},
		{exactly_3_gib},
		{the_autopsy_sees_the_same},
		{touched_pages_are_known},
		{more_than_the_host_can_map},
	};

	return RUN_LOOPED_SUITE("memory", tests, 30);
}
