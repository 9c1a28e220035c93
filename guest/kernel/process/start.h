/* SPDX-License-Identifier: MIT */
/*
 * start.h: from the kernel's start to the first program, and from its end to the machine's.
 */
#ifndef PROCESS_START_H
#define PROCESS_START_H

#include <stdbool.h>

/* Whether there is something to run: an initial RAM disk with files, or the option init=. */
bool programs_wanted(void);

/* Runs the first program and all that it starts; its exit status (128 + n when signal n ended it).
 * Frames that were lost meanwhile are told of on the log. */
int programs_run(void);

#endif
