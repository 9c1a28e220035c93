/* SPDX-License-Identifier: MIT */
/*
 * futex.h: what the end of a thread and of its memory means for locks in the program's memory.
 */
#ifndef PROCESS_FUTEX_H
#define PROCESS_FUTEX_H

#include <stdint.h>

struct thread;

/* Wakes one of those who wait at that address of the current process. */
void futex_wake_one(uintptr_t address);

/* The current thread leaves its memory: locks of its robust list that it holds are marked so. */
void futex_leave(struct thread *thread);

#endif
