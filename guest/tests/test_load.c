/* SPDX-License-Identifier: MIT */
/*
 * test_load.c: the load averages, by arithmetic with e: after n minutes with k processes that run,
 * the average of m minutes is k (1 - e^(-n/m)), and then it decays by e^(-n/m).
 */
#include "unit.h"

#include "process/load.h"
#include "process/schedule.h"
#include "time.h"

#define MINUTE (60 * NS_PER_SECOND)
/* Of 2048; Linux's constants are rounded. */
#define TOLERANCE(expected) (30 + (expected)*2048 / 20)

uintptr_t direct_map;

static uint64_t now;
static unsigned active;

uint64_t time_ns(void)
{
	return now;
}

unsigned schedule_active(void)
{
	return active;
}

static void expect_loads(const double *expected)
{
	uint32_t loads[LOAD_AVERAGES];

	load_get(loads);
	for (int i = 0; i < LOAD_AVERAGES; i++)
		ck_assert_msg(
			(double)loads[i] > expected[i] * 2048 - TOLERANCE(expected[i]) &&
				(double)loads[i] < expected[i] * 2048 + TOLERANCE(expected[i]),
			"average %d: %u of 2048", i, loads[i]);
}

START_TEST(averages_rise_and_fall)
{
	expect_loads((double[]){0, 0, 0});
	active = 1;
	now += MINUTE;
	expect_loads((double[]){0.632, 0.181, 0.064});
	now += 4 * MINUTE;
	expect_loads((double[]){0.993, 0.632, 0.283});
	active = 0;
	now += MINUTE;
	expect_loads((double[]){0.365, 0.517, 0.265});
	active = 10;
	now += 10 * MINUTE;
	expect_loads((double[]){10.0, 8.717, 5.001});
	/* Years. */
	active = 0;
	now += 1000000 * MINUTE;
	expect_loads((double[]){0, 0, 0});
}
END_TEST

/* Between two looks nothing counts but those every five seconds. */
START_TEST(counts_come_every_five_seconds)
{
	uint32_t loads[LOAD_AVERAGES];

	now = 4 * NS_PER_SECOND;
	load_update(now, 100);
	load_get(loads);
	ck_assert_uint_eq(loads[0], 0);
	now = 6 * NS_PER_SECOND;
	load_update(now, 1);
	load_update(now + NS_PER_SECOND, 100);
	load_get(loads);
	/* 1 - e^(-1/12) = 0.07995 */
	ck_assert_uint_ge(loads[0], 163);
	ck_assert_uint_le(loads[0], 165);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{averages_rise_and_fall, 0},
		{counts_come_every_five_seconds, 0},
	};

	return RUN_UNIT("load averages", tests);
}
