/* SPDX-License-Identifier: MIT */
/*
 * limits.h: what a process may have at most, by Linux's numbers (RLIMIT_*).
 */
#ifndef PROCESS_LIMITS_H
#define PROCESS_LIMITS_H

#include <stdint.h>

#define LIMITS        16
#define LIMIT_STACK   3
#define LIMIT_CORE    4
#define LIMIT_NPROC   6
#define LIMIT_NOFILE  7
#define LIMIT_MEMLOCK 8
#define LIMIT_AS      9
#define UNLIMITED     UINT64_MAX

struct limit {
	uint64_t soft, hard;
};

/* The first process's. */
void limits_init(struct limit *limits);

#endif
