/* SPDX-License-Identifier: MIT */
/*
 * time.c: the clock is the TSC, at the rate that the loader tells; ticks come from the local APIC,
 * armed anew each time.
 */
#include "time.h"

#include "arch.h"
#include "boot.h"
#include "interrupt.h"
#include "lapic.h"
#include "log.h"
#include "rtc.h"

#define FALLBACK_TSC_HZ NS_PER_SECOND
#define FRACTION_BITS   24

static uint64_t ns_per_cycle, cycles_per_ns; /* with FRACTION_BITS of fraction */
static uint64_t tick_ns;
static volatile uint64_t ticks;
static uint64_t boot_ns; /* 0: not asked for yet */

void time_init(void)
{
	uint64_t hz = boot.tsc_hz;

	if (!hz) {
		hz = FALLBACK_TSC_HZ;
		log_warn("time: rate of the TSC unknown, taken for 1 GHz\n");
	}
	ns_per_cycle = (NS_PER_SECOND << FRACTION_BITS) / hz;
	cycles_per_ns = (hz << FRACTION_BITS) / NS_PER_SECOND;
}

uint64_t time_ns(void)
{
	uint64_t cycles = tsc_read() - boot.tsc_start;

	return multiply_shift(cycles, ns_per_cycle, FRACTION_BITS);
}

uint64_t time_boot_ns(void)
{
	if (!boot_ns)
		boot_ns = rtc_seconds() * NS_PER_SECOND - time_ns();
	return boot_ns;
}

bool time_set_ns(uint64_t ns)
{
	if (ns <= time_ns())
		return false;
	boot_ns = ns - time_ns();
	return true;
}

uint64_t time_cycles(uint64_t ns)
{
	return ns * cycles_per_ns >> FRACTION_BITS;
}

static void tick(unsigned vector)
{
	ticks++;
	if (tick_ns)
		lapic_timer_arm(tick_ns);
}

void tick_start(uint64_t ns)
{
	tick_ns = ns;
	interrupt_set(VECTOR_TIMER, tick);
	if (ns)
		lapic_timer_arm(ns);
	else
		lapic_timer_stop();
}

uint64_t tick_count(void)
{
	return ticks;
}
