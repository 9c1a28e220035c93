/* SPDX-License-Identifier: MIT */
/*
 * out_of_memory.h: who goes when there is no memory for a page.
 */
#ifndef PROCESS_OUT_OF_MEMORY_H
#define PROCESS_OUT_OF_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Kills the process that has most memory, unless that is the current one (or one that shares its
 * memory): its pid, or 0. Never the first process, with which all ends. */
int32_t out_of_memory_choose(void);

/* The same, and lets it end, while others run: whether it is gone. */
bool out_of_memory_kill(void);

#endif
