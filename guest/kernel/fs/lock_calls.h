/* SPDX-License-Identifier: MIT */
/*
 * lock_calls.h: what fcntl does for locks.
 */
#ifndef FS_LOCK_CALLS_H
#define FS_LOCK_CALLS_H

#include <stdint.h>

struct file;

enum {
	FCNTL_GET_LOCK = 5,
	FCNTL_SET_LOCK,
	FCNTL_SET_LOCK_WAIT,
	FCNTL_OFD_GET_LOCK = 36,
	FCNTL_OFD_SET_LOCK,
	FCNTL_OFD_SET_LOCK_WAIT,
};

/* A struct flock of any width. */
struct lock_range {
	int16_t type, whence;
	int64_t start, length;
	int32_t pid;
};

/* One of the commands above for the current process; a GET changes *range. 0 or a negated errno. */
int lock_range_call(struct file *file, unsigned command, struct lock_range *range);

/* The same with a struct flock of the program's. */
int64_t lock_call(struct file *file, unsigned command, uintptr_t address);

#endif
