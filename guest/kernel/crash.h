/* SPDX-License-Identifier: MIT */
/*
 * crash.h: deaths on request, for tests of those who explain them.
 */
#ifndef KERNEL_CRASH_H
#define KERNEL_CRASH_H

/* Does what the option panic= asks for: pf, gp, ud, df, stack or heap. Returns without that option.
 * A function of its own in every backtrace. */
void __attribute__((noinline)) crash_on_purpose(void);

#endif
