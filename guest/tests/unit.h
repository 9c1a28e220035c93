/* SPDX-License-Identifier: MIT */
/*
 * unit.h: what the tests of the kernel's own code share: its pieces run here as parts of an
 * ordinary program, with an array for physical memory.
 */
#ifndef GUEST_TESTS_UNIT_H
#define GUEST_TESTS_UNIT_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "memory.h"

struct unit_test {
	const TTest *test;
	int seeds; /* 0: once; else once with each _i below this */
};

#define RUN_UNIT(name, tests) unit_run(name, tests, sizeof(tests) / sizeof((tests)[0]))

/* Runs the tests; the result is main()'s. */
static inline int unit_run(const char *name, const struct unit_test *tests, size_t n)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	for (size_t i = 0; i < n; i++) {
		if (tests[i].seeds)
			tcase_add_loop_test(tcase, tests[i].test, 0, tests[i].seeds);
		else
			tcase_add_test(tcase, tests[i].test);
	}
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The same numbers for the same seed everywhere (xorshift64*). */
static uint64_t random_state;

static inline void random_seed(unsigned seed)
{
	random_state = 0x9e3779b97f4a7c15u * (seed + 1);
}

static inline uint64_t random_below(uint64_t limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1du >> 16) % limit;
}

/* How many of n bytes have the value. */
static inline size_t count_bytes(const uint8_t *bytes, size_t n, uint8_t value)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += bytes[i] == value;
	return count;
}

/* "Physical memory" from 0 to size, of zeros, reached through direct_map as in the kernel. */
static inline uint8_t *arena_create(size_t size)
{
	uint8_t *arena = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ck_assert_ptr_ne(arena, MAP_FAILED);
	direct_map = (uintptr_t)arena;
	return arena;
}

#endif
