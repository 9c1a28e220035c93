/* SPDX-License-Identifier: MIT */
/*
 * user_faults.c: a program at CPL 3 touches 512 pages that its kernel maps one by one, executes 512
 * privileged instructions and divides by zero 512 times, each time stepped over, and at last leaves
 * by ud2.
 */
#include "runtime.h"

#include "../guest_test.h"

#define REGION 0x40000000ul
#define ROUNDS 512ul

static uint64_t region_pd[512] __attribute__((aligned(4096)));
static uint64_t region_pt[512] __attribute__((aligned(4096)));
static uint8_t user_stack[4096] __attribute__((aligned(4096)));
static volatile word counts[32];

static void finish(void)
{
	expect_equal(ROUNDS, counts[VEC_PF]);
	expect_equal(ROUNDS, counts[VEC_GP]);
	expect_equal(ROUNDS, counts[VEC_DE]);
	test_end();
}

void trap(struct frame *frame)
{
	word page;

	expect_equal(0x23, frame->cs);
	expect_equal(0x1b, frame->ss);
	counts[frame->vector & 31]++;
	switch (frame->vector) {
	case VEC_PF:
		page = (read_cr2() - REGION) >> 12;
		expect_equal(PF_U | PF_W, frame->error);
		region_pt[page & 511] = 0x600000 | PTE_P | PTE_W | PTE_U;
		break;
	case VEC_GP:
		frame->ip += 1;
		break;
	case VEC_DE:
		frame->ip += 2;
		break;
	default:
		finish();
	}
}

/* Runs at CPL 3, in the image's own pages. */
static void user_main(void)
{
	for (word round = 0; round < ROUNDS; round++) {
		*(volatile word *)(REGION + (round << 12)) = round;
		asm volatile("hlt");
		asm volatile("div %%cl" : : "a"(1), "c"(0) : "cc");
	}
	asm volatile("ud2");
}

void test_main(void)
{
	pdpt[1] = (word)region_pd | PTE_P | PTE_W | PTE_U;
	region_pd[0] = (word)region_pt | PTE_P | PTE_W | PTE_U;
	asm volatile("pushq $0x1b; pushq %0; pushq $2; pushq $0x23; pushq %1; iretq"
		     :
		     : "r"(user_stack + sizeof(user_stack)), "r"(user_main)
		     : "memory");
}
