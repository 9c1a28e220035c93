/* SPDX-License-Identifier: MIT */
/*
 * double_faults.c: 200 double faults on purpose: the gate of #UD is made not present and the gate
 * of #NP too, so that a ud2 ends in #DF, which has a good IST stack; its handler repairs the stack
 * and goes on.
 */
#include "runtime.h"

#include "../guest_test.h"

#define ROUNDS 200

static volatile word faults;
static volatile word resume_ip, resume_sp;

void trap(struct frame *frame)
{
	if (frame->vector != VEC_DF)
		test_equal("trap: ", "vector", VEC_DF, frame->vector), test_end();
	faults++;
	/* #DF is an abort: IP and SP are not to be relied on (SDM vol. 3, 6.15). */
	frame->ip = resume_ip;
	frame->sp = resume_sp;
}

__attribute__((noinline)) static void raise(void)
{
	asm volatile("lea 1f(%%rip), %%rax; mov %%rax, %0; mov %%rsp, %1; ud2; 1:"
		     : "=m"(resume_ip), "=m"(resume_sp)
		     :
		     : "rax", "rcx", "rdx", "memory");
}

void test_main(void)
{
	idt[16 * VEC_UD + 5] &= 0x7f;
	idt[16 * VEC_NP + 5] &= 0x7f;
	for (int round = 0; round < ROUNDS; round++)
		raise();
	expect_equal(ROUNDS, faults);
	test_end();
}
