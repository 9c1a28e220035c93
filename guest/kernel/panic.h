/* SPDX-License-Identifier: MIT */
/*
 * panic.h: how the kernel dies: reason and backtrace on the log, then pvpanic, then nothing any
 * more.
 */
#ifndef KERNEL_PANIC_H
#define KERNEL_PANIC_H

struct trap_frame;

void panic(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* For an exception: also its registers; the backtrace begins where it happened. */
void panic_trap(const struct trap_frame *frame, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

#endif
