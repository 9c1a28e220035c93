/* SPDX-License-Identifier: MIT */
/*
 * skip_faults.c: thousands of invalid opcodes, divisions by zero and general protection faults,
 * each stepped over by its handler, as kernels do that probe for features.
 */
#include "runtime.h"

#include "../guest_test.h"

#define ROUNDS 1000

static volatile word counts[32], last_error;

void trap(struct frame *frame)
{
	counts[frame->vector & 31]++;
	last_error = frame->error;
	frame->ip += frame->dx; /* each guest instruction tells its length in DX */
	frame->ax = 1;
}

static void raise_ud(void)
{
	asm volatile("ud2" : : "d"(2l) : "rax", "memory");
}

static void raise_de(void)
{
	/* div reads DX, so the length is what the dividend's upper half happens to be. */
	asm volatile("div %%cl" : : "a"(100l), "c"(0l), "d"(2l) : "memory");
}

static void raise_gp_msr(void)
{
	/* MSR 0x40000fff is none. */
	asm volatile("rdmsr" : : "c"(0x40000ffful), "d"(2l) : "rax", "memory");
}

static void raise_gp_address(void)
{
	asm volatile("movb (%%rbx), %%al" : : "b"(0x8000000000000000ul), "d"(2l) : "rax", "memory");
}

static void raise_gp_selector(void)
{
	asm volatile("mov %%ecx, %%ds" : : "c"(0x78l), "d"(2l) : "rax", "memory");
}

void test_main(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		raise_ud();
		raise_de();
		raise_gp_address();
	}
	expect_equal(ROUNDS, counts[VEC_UD]);
	expect_equal(ROUNDS, counts[VEC_DE]);
	expect_equal(ROUNDS, counts[VEC_GP]);

	for (int round = 0; round < ROUNDS; round++)
		raise_gp_selector();
	expect_equal(2 * ROUNDS, counts[VEC_GP]);
	expect_equal(0x78, last_error);

	raise_gp_msr();
	expect(counts[VEC_GP] >= 2 * ROUNDS); /* some hosts let unknown MSRs read as 0 */
	test_end();
}
