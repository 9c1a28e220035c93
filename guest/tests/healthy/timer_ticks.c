/* SPDX-License-Identifier: MIT */
/*
 * timer_ticks.c: waits in hlt for 100 ticks of the PIT and computes through another 100: interrupts
 * at any instruction.
 */
#include "runtime.h"

#include "../guest_test.h"

static volatile word ticks;
static volatile word others;

void trap(struct frame *frame)
{
	if (frame->vector != 0x20) {
		others++;
		return;
	}
	ticks++;
	out8(0x20, 0x20);
}

static void start_timer(void)
{
	out8(0x20, 0x11);
	out8(0xa0, 0x11);
	out8(0x21, 0x20);
	out8(0xa1, 0x28);
	out8(0x21, 4);
	out8(0xa1, 2);
	out8(0x21, 1);
	out8(0xa1, 1);
	out8(0x21, 0xfe);
	out8(0xa1, 0xff);
	out8(0x43, 0x34);
	out8(0x40, 1193 & 255);
	out8(0x40, 1193 >> 8);
}

void test_main(void)
{
	word sum = 0;

	start_timer();
	while (ticks < 100)
		wait_for_interrupt();
	interrupts_on();
	while (ticks < 200)
		sum += ticks;
	interrupts_off();
	out8(0x21, 0xff);
	expect(sum > 0);
	expect_equal(0, others);
	test_end();
}
