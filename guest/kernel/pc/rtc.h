/* SPDX-License-Identifier: MIT */
/*
 * rtc.h: the PC's clock of date and time.
 */
#ifndef RTC_H
#define RTC_H

#include <stdint.h>

/* Seconds since 1970-01-01 00:00 UTC; 0: the machine has no such clock. */
uint64_t rtc_seconds(void);

#endif
