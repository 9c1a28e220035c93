/* SPDX-License-Identifier: MIT */
/*
 * time.h: the time since the kernel's first instruction, and the timer's ticks.
 */
#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_SECOND 1000000000ull

/* Nanoseconds from 1970-01-01 00:00 UTC to the kernel's first instruction, by the machine's clock.
 */
uint64_t time_boot_ns(void);

/* Sets the machine's clock, for this boot; false: that is before the start. */
bool time_set_ns(uint64_t ns);

/* Learns the TSC's rate; before it, time_ns() is 0. */
void time_init(void);

/* Nanoseconds since the kernel's first instruction. */
uint64_t time_ns(void);

/* TSC cycles in ns nanoseconds; ns up to 2^32. */
uint64_t time_cycles(uint64_t ns);

/* A tick every `ns` nanoseconds from now on, or none any more (0). Needs interrupt_init(). */
void tick_start(uint64_t ns);

/* Ticks so far. */
uint64_t tick_count(void);

#endif
