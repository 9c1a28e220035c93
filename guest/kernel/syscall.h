/* SPDX-License-Identifier: MIT */
/*
 * syscall.h: system calls: Linux's numbers and conventions.
 */
#ifndef KERNEL_SYSCALL_H
#define KERNEL_SYSCALL_H

#include <stdint.h>

/* The six arguments, wherever they lie: a call may change them, for when it is restarted. */
struct syscall_args {
	uint64_t arg[6];
};

/* Result, or a negated errno. Runs for process_current(), on its kernel stack, interrupts off; may
 * sleep (wait.h). */
typedef int64_t syscall_fn(struct syscall_args *args);

struct syscall {
	const char *name; /* NULL: there is no such call */
	syscall_fn *call;
};

/* By number, from syscall_table.c. */
extern const struct syscall syscall_table[];
extern const unsigned syscall_count;

#endif
