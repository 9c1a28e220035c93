/* SPDX-License-Identifier: MIT */
/*
 * load.c: exponentially damped averages of how many run or want to, counted every five seconds with
 * Linux's constants. The timer does not fire for that: what was missed counts when somebody looks.
 */
#include "process/load.h"

#include "process/schedule.h"
#include "time.h"

#define PERIOD_NS (5 * NS_PER_SECOND)
#define ONE       (1u << LOAD_SHIFT)
#define MISSED    1000 /* periods: more do not matter any more */

static uint64_t next_count = PERIOD_NS;
static uint32_t load[LOAD_AVERAGES];

/* e^(-5/60), e^(-5/300), e^(-5/900), times ONE. */
static const uint32_t factors[LOAD_AVERAGES] = {1884, 2014, 2037};

static void count(unsigned active)
{
	for (unsigned i = 0; i < LOAD_AVERAGES; i++) {
		uint64_t target = (uint64_t)active * ONE;
		uint64_t sum = load[i] * (uint64_t)factors[i] + target * (ONE - factors[i]);

		/* Up to what it goes for, not to just below. */
		if (target >= load[i])
			sum += ONE - 1;
		load[i] = (uint32_t)(sum / ONE);
	}
}

void load_update(uint64_t now, unsigned active)
{
	if (now < next_count)
		return;
	if (now - next_count > MISSED * PERIOD_NS)
		next_count = now - MISSED * PERIOD_NS;
	for (; next_count <= now; next_count += PERIOD_NS)
		count(active);
}

void load_get(uint32_t averages[LOAD_AVERAGES])
{
	load_update(time_ns(), schedule_active());
	for (unsigned i = 0; i < LOAD_AVERAGES; i++)
		averages[i] = load[i];
}
