/* SPDX-License-Identifier: MIT */
/*
 * user_time.h: times in the memory of programs: seconds and a fraction, as longs or, for i386's
 * newer calls, in 64 bits each.
 */
#ifndef PROCESS_USER_TIME_H
#define PROCESS_USER_TIME_H

#include <stdint.h>

#include "syscall.h"

/* Linux's struct timespec or timeval, whatever its size. */
struct user_time {
	int64_t seconds, fraction;
};

/* Makes a call whose times have 64 bits, also where longs have not. */
int64_t time_call_wide(syscall_fn *call, const struct syscall_args *args);

/* Bytes of one, for the call that is being made. */
uintptr_t user_time_size(void);

/* As it is: 0 or -EFAULT. */
int user_time_read(uintptr_t from, struct user_time *time);

/* Reads a struct timespec (unit 1) or timeval (unit 1000) into nanoseconds: 0, -EFAULT, -EINVAL. */
int time_read(uintptr_t from, uint64_t unit, uint64_t *ns);

/* Writes nanoseconds as a struct timespec: 0 or -EFAULT. */
int timespec_write(uintptr_t to, uint64_t ns);

/* When a call with this timeout (struct timespec; 0: never) ends, by time_ns(), 0 if at once: 0,
 * -EFAULT or -EINVAL. */
int time_deadline(uintptr_t timeout, uint64_t *until);

#endif
