/* SPDX-License-Identifier: MIT */
/*
 * arch.h: what each architecture gives to the rest of the kernel, beside paging.h, string.h and the
 * inline functions of its arch_cpu.h.
 */
#ifndef KERNEL_ARCH_H
#define KERNEL_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch_cpu.h"
#include "paging.h"

/* Descriptor tables, trap handlers and control registers of this CPU; before it, an exception is
 * fatal. */
void cpu_init(void);

/* Makes `space` the current one; the code and stack in use are mapped in it. */
void space_switch(const struct space *space);

/* Copies n bytes; false when an address on the way could not be reached. */
bool memory_try_copy(void *to, const void *from, size_t n);

/* Return addresses of the functions that are active, innermost first; at most `max`. From a trap's
 * frame, or from here when frame is NULL; the first is then the caller's own. Every read is
 * checked. */
size_t backtrace_collect(const struct trap_frame *frame, uintptr_t *addresses, size_t max);

/* Registers of a trap, on the log at LOG_PANIC. */
void trap_show(const struct trap_frame *frame);

#endif
