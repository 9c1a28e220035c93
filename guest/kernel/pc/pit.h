/* SPDX-License-Identifier: MIT */
/*
 * pit.h: the 8254 timer, as a clock to compare with.
 */
#ifndef PIT_H
#define PIT_H

#include <stdint.h>

/* Counts the TSC during 10 ms: its rate in Hz, or 0 when there is no such chip. */
uint64_t pit_measure_tsc(void);

#endif
