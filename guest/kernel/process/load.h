/* SPDX-License-Identifier: MIT */
/*
 * load.h: the load averages of /proc/loadavg and sysinfo.
 */
#ifndef PROCESS_LOAD_H
#define PROCESS_LOAD_H

#include <stdint.h>

#define LOAD_SHIFT    11 /* bits behind the point */
#define LOAD_AVERAGES 3  /* of one, five and fifteen minutes */

/* Counts those who run or want to, when it is time by `now`: to be called before their number
 * changes for long. */
void load_update(uint64_t now, unsigned active);

/* As of now. */
void load_get(uint32_t averages[LOAD_AVERAGES]);

#endif
