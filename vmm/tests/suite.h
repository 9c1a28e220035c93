/* SPDX-License-Identifier: MIT */
/*
 * suite.h: what the test programs share: running a suite of one test case, and devices without a
 * machine.
 */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

#include "bus.h"
#include "irq.h"

/* Runs the tests; the result is main()'s. */
static inline int run_suite(const char *name, const TTest *const tests[], size_t n)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(
		tcase, 120); /* against a hang; sanitizers and a loaded machine are slow */
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* A test and how many times it runs, with _i counting; 0: once. */
struct looped_test {
	const TTest *test;
	size_t loops;
};

static inline int run_looped_suite(
	const char *name, const struct looped_test *tests, size_t n, double timeout)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, timeout);
	for (size_t i = 0; i < n; i++)
		tcase_add_loop_test(
			tcase, tests[i].test, 0, tests[i].loops ? (int)tests[i].loops : 1);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define LENGTH(array)                          (sizeof(array) / sizeof((array)[0]))
#define RUN_LOOPED_SUITE(name, tests, timeout) run_looped_suite(name, tests, LENGTH(tests), timeout)

#define RUN_SUITE(name, tests) run_suite(name, tests, sizeof(tests) / sizeof((tests)[0]))

/* An interrupt line that remembers. */
struct irq_recorder {
	bool level;
	unsigned irq;
	unsigned raised; /* changes from low to high: what an edge-triggered PIC sees */
};

static inline void irq_record(void *ctx, unsigned irq, bool level)
{
	struct irq_recorder *recorder = ctx;

	recorder->irq = irq;
	if (level && !recorder->level)
		recorder->raised++;
	recorder->level = level;
}

static inline uint64_t bus_in(struct bus *bus, uint64_t port, unsigned size)
{
	struct io io = {.size = size};

	bus_access(bus, port, &io);
	return io.value;
}

static inline void bus_out(struct bus *bus, uint64_t port, unsigned size, uint64_t value)
{
	struct io io = {.size = size, .write = true, .value = value};

	bus_access(bus, port, &io);
}

static inline uint8_t in8(struct bus *bus, uint16_t port)
{
	return bus_in(bus, port, 1);
}

static inline void out8(struct bus *bus, uint16_t port, uint8_t value)
{
	bus_out(bus, port, 1, value);
}

#endif
