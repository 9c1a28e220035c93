/* SPDX-License-Identifier: MIT */
/*
 * test_time.c: clocks and sleeping.
 */
#include "suite.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now(clockid_t clock)
{
	struct timespec time;

	ck_assert_ok(clock_gettime(clock, &time));
	ck_assert(time.tv_nsec >= 0 && time.tv_nsec < 1000000000);
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

START_TEST(clocks_go_forward)
{
	int64_t last = now(CLOCK_MONOTONIC);

	for (int i = 0; i < 100; i++) {
		int64_t next = now(CLOCK_MONOTONIC);

		ck_assert_int_ge(next, last);
		last = next;
	}
}
END_TEST

START_TEST(clocks_agree)
{
	struct timeval day;
	int64_t real = now(CLOCK_REALTIME) / 1000000000, seconds = time(NULL);

	ck_assert_ok(gettimeofday(&day, NULL));
	ck_assert_int_gt(real, 1600000000);
	/* Linux's time() is that of the last tick. */
	ck_assert(seconds - real >= -1 && seconds - real < 60);
	ck_assert(day.tv_sec - real >= 0 && day.tv_sec - real < 60);
	ck_assert(day.tv_usec >= 0 && day.tv_usec < 1000000);
}
END_TEST

START_TEST(clock_errors)
{
	struct timespec time;

	ck_assert_fails(clock_gettime(99, &time), EINVAL);
	ck_assert_fails(clock_getres(99, &time), EINVAL);
	ck_assert_ok(clock_getres(CLOCK_MONOTONIC, &time));
	ck_assert_int_eq(time.tv_sec, 0);
	ck_assert_ok(clock_getres(CLOCK_REALTIME, NULL));
	time = (struct timespec){0, 1000000000};
	ck_assert_fails(nanosleep(&time, NULL), EINVAL);
	time = (struct timespec){-1, 0};
	ck_assert_fails(nanosleep(&time, NULL), EINVAL);
	ck_assert_int_eq(clock_nanosleep(99, 0, &time, NULL), EINVAL);
}
END_TEST

START_TEST(sleeps_last)
{
	struct timespec until, time = {0, 30000000};
	int64_t start = now(CLOCK_MONOTONIC);

	ck_assert_ok(nanosleep(&time, NULL));
	ck_assert_int_ge(now(CLOCK_MONOTONIC) - start, 30000000);
	ck_assert_ok(clock_gettime(CLOCK_MONOTONIC, &until));
	until.tv_nsec += 20000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	ck_assert_int_eq(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL), 0);
	ck_assert_int_ge(now(CLOCK_MONOTONIC), until.tv_sec * 1000000000ll + until.tv_nsec);
	/* What is over is over. */
	ck_assert_int_eq(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL), 0);
	ck_assert_ok(nanosleep(&(struct timespec){0, 0}, NULL));
}
END_TEST

START_TEST(work_is_counted)
{
	int64_t before = now(CLOCK_PROCESS_CPUTIME_ID), after;
	struct rusage usage;
	struct tms used;

	for (volatile unsigned i = 0; i < 5000000; i++)
		;
	after = now(CLOCK_PROCESS_CPUTIME_ID);
	ck_assert_int_gt(after, before);
	/* Some count ticks of the clock only. */
	do
		ck_assert_ok(getrusage(RUSAGE_SELF, &usage));
	while (!usage.ru_utime.tv_sec && !usage.ru_utime.tv_usec);
	ck_assert_int_ne(times(&used), -1);
	ck_assert_int_eq(sysconf(_SC_CLK_TCK), 100);
}
END_TEST

/* Two busy children and a parent that only waits: time slices let all of them end. */
START_TEST(busy_processes_take_turns)
{
	pid_t pid = must_fork();
	int64_t start = now(CLOCK_MONOTONIC);

	if (pid == 0) {
		for (;;)
			;
	}
	while (now(CLOCK_MONOTONIC) - start < 50000000)
		;
	sleep_ms(10);
	kill(pid, SIGKILL);
	ck_assert_int_eq(WTERMSIG(wait_status(pid)), SIGKILL);
}
END_TEST

TCase *time_tests(void)
{
	TCase *tests = tcase_create("time");

	tcase_add_test(tests, clocks_go_forward);
	tcase_add_test(tests, clocks_agree);
	tcase_add_test(tests, clock_errors);
	tcase_add_test(tests, sleeps_last);
	tcase_add_test(tests, work_is_counted);
	tcase_add_test(tests, busy_processes_take_turns);
	return tests;
}
