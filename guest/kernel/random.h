/* SPDX-License-Identifier: MIT */
/*
 * random.h: bytes that nobody who does not know the time-stamp counter can foretell. Good enough
 * for programs' hash seeds and stack canaries; not for keys.
 */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include <stddef.h>

void random_bytes(void *to, size_t n);

#endif
