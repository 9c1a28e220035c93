/* SPDX-License-Identifier: MIT */
/*
 * p32_skip_faults.c: 32-bit protected mode without paging: thousands of invalid opcodes, divisions
 * by zero and bad selectors, each stepped over by its handler.
 */
#include "runtime.h"

#include "../guest_test.h"

#define ROUNDS 1000

static volatile word counts[32], last_error;

void trap(struct frame *frame)
{
	counts[frame->vector & 31]++;
	last_error = frame->error;
	frame->ip += 2;
}

void test_main(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		asm volatile("ud2");
		asm volatile("div %%cl" : : "a"(1), "c"(0) : "cc");
		asm volatile("mov %0, %%fs" : : "c"(0x48));
	}
	expect_equal(ROUNDS, counts[VEC_UD]);
	expect_equal(ROUNDS, counts[VEC_DE]);
	expect_equal(ROUNDS, counts[VEC_GP]);
	expect_equal(0x48, last_error);
	test_end();
}
