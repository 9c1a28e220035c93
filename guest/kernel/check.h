/* SPDX-License-Identifier: MIT */
/*
 * check.h: the kernel looks itself over at the start: one line for each check, and what was got and
 * expected where one fails. The option checks= chooses: all, quick (default) or none.
 */
#ifndef KERNEL_CHECK_H
#define KERNEL_CHECK_H

#include <stdbool.h>
#include <stdint.h>

void check_run(void);
unsigned check_failures(void);

/* True when equal; else tells both. Use the macros. */
bool check_equal(const char *file, int line, const char *what, uint64_t got, uint64_t expected);

/* End the check, which then counts as failed. */
#define CHECK_EQUAL(got, expected)                                                                 \
	do {                                                                                       \
		if (!check_equal(__FILE__, __LINE__, #got, (uint64_t)(got), (uint64_t)(expected))) \
			return false;                                                              \
	} while (0)
#define CHECK(condition) CHECK_EQUAL(!!(condition), true)

/* The checks. `thorough` ones take their time. */
bool check_frames(bool thorough);
bool check_paging(bool thorough);
bool check_heap(bool thorough);
bool check_layout(bool thorough);
bool check_fault(bool thorough);
bool check_timer(bool thorough);

#endif
