/* SPDX-License-Identifier: MIT */
/*
 * growing_stack.c: deep recursion on a stack that has one page at first: each time it touches the
 * page below, the page-fault handler, on its own IST stack, maps it. It looks like a stack overflow
 * and is none. The stack is taken away and grows again, 16 times.
 */
#include "runtime.h"

#include "../guest_test.h"

#define TOP   0x40200000ul
#define PAGES 128ul

static uint64_t stack_pd[512] __attribute__((aligned(4096)));
static uint64_t stack_pt[512] __attribute__((aligned(4096)));
static volatile word faults;

void trap(struct frame *frame)
{
	word address = read_cr2();

	if (frame->vector != VEC_PF || address >= TOP || address < TOP - (PAGES << 12))
		test_equal("trap: ", "vector", VEC_PF, frame->vector), test_end();
	faults++;
	stack_pt[address >> 12 & 511] = (0x600000 + (address & 0x1ff000)) | PTE_P | PTE_W;
}

/* One level is about 48 bytes; volatile keeps it a real recursion. */
__attribute__((noinline)) static word descend(word depth)
{
	volatile word here = depth;

	return depth == 0 ? 0 : descend(depth - 1) + (here != 0);
}

__attribute__((noinline)) static word call_on(word stack, word depth)
{
	word result;

	asm volatile("mov %%rsp, %%rbx; mov %1, %%rsp; call *%2; mov %%rbx, %%rsp"
		     : "=a"(result)
		     : "r"(stack), "r"(descend), "D"(depth)
		     : "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
	return result;
}

void test_main(void)
{
	pdpt[1] = (word)stack_pd | PTE_P | PTE_W;
	stack_pd[(TOP - 4096) >> 21 & 511] = (word)stack_pt | PTE_P | PTE_W;
	for (int round = 0; round < 16; round++) {
		expect_equal(1000, call_on(TOP, 1000));
		for (int page = 0; page < 512; page++)
			stack_pt[page] = 0;
		asm volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory");
	}
	expect(faults >= 16 * 8);
	expect(faults <= 16 * PAGES);
	test_end();
}
