/* SPDX-License-Identifier: MIT */
/*
 * timers.h: what a process wants to be told of when its time comes: the alarm, and POSIX timers.
 */
#ifndef PROCESS_TIMERS_H
#define PROCESS_TIMERS_H

#include <stdint.h>

struct process;
struct posix_timer;

/* Sends what is due at `now`, by time_ns(); returns when the next thing is, UINT64_MAX: never. */
uint64_t timers_expire(struct process *process, uint64_t now);

/* Forgets the POSIX timers: at exec and at the end. */
void timers_clear(struct process *process);

#endif
