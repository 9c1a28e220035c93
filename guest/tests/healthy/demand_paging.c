/* SPDX-License-Identifier: MIT */
/*
 * demand_paging.c: 2048 page faults at fresh addresses, each answered by mapping a page; then the
 * pages are taken away and everything comes again; then they are made read-only and each write is
 * let through.
 */
#include "runtime.h"

#include "../guest_test.h"

#define REGION 0x40000000ul
#define PAGES  512ul

static uint64_t region_pd[512] __attribute__((aligned(4096)));
static uint64_t region_pt[512] __attribute__((aligned(4096)));
static volatile word faults, last_error;

void trap(struct frame *frame)
{
	word address = read_cr2(), page = (address - REGION) >> 12;

	if (frame->vector != VEC_PF || page >= PAGES)
		test_equal("trap: ", "vector", VEC_PF, frame->vector), test_end();
	faults++;
	last_error = frame->error;
	/* Eight frames at 6 MiB serve all pages. */
	region_pt[page] = (0x600000 + ((page & 7) << 12)) | PTE_P | PTE_W;
	invlpg(address);
}

static void touch_all(void)
{
	for (word page = 0; page < PAGES; page++)
		*(volatile word *)(REGION + (page << 12)) = page;
}

static void change_all(uint64_t keep)
{
	for (word page = 0; page < PAGES; page++) {
		region_pt[page] &= keep;
		invlpg(REGION + (page << 12));
	}
}

void test_main(void)
{
	pdpt[1] = (word)region_pd | PTE_P | PTE_W;
	region_pd[0] = (word)region_pt | PTE_P | PTE_W;

	touch_all();
	expect_equal(PAGES, faults);
	expect_equal(PF_W, last_error);
	expect_equal(PAGES - 1, *(volatile word *)(REGION + ((PAGES - 1) << 12)));

	touch_all();
	expect_equal(PAGES, faults);

	for (int round = 0; round < 2; round++) {
		change_all(0);
		touch_all();
	}
	expect_equal(3 * PAGES, faults);

	change_all(~PTE_W);
	touch_all();
	expect_equal(4 * PAGES, faults);
	expect_equal(PF_W | PF_P, last_error);
	test_end();
}
