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

/* Where the stack begins on which system calls and traps of programs are handled. */
void cpu_set_stack(uintptr_t top);

/* Thread-local storage of the program that runs next. */
void cpu_set_tls(const struct cpu_tls *tls);

/* What a program asks for by clone's CLONE_SETTLS: 0 or a negated errno. */
int cpu_read_tls(struct cpu_tls *tls, uintptr_t wanted);

/* Leaves this stack, whose pointer goes to *from, for another; returns when somebody comes back. A
 * new stack holds, from below, CONTEXT_WORDS zeros, the address of a function without arguments,
 * that of trap_return, and what trap_return finds. */
void context_switch(uintptr_t *from, uintptr_t to);
extern const uint8_t trap_return[];

/* Copies n bytes; false when an address on the way could not be reached. */
bool memory_try_copy(void *to, const void *from, size_t n);

/* The same for zeros. */
bool memory_try_zero(void *to, size_t n);

/* Where a walk through the active functions, innermost first, stands. */
struct backtrace {
	uintptr_t address; /* of the instruction that trapped, or a return address */
	bool exact;        /* the former */
	uintptr_t frame;   /* of the function that `address` lies in, or its caller's */
	uintptr_t caller;  /* in the latter case: the next address; else 0 */
};

/* Begins with the trap, or with the caller when frame is NULL. */
struct backtrace backtrace_start(const struct trap_frame *frame);

/* Goes on to the next caller; false: that was the last one. Every read is checked. */
bool backtrace_next(struct backtrace *trace);

/* Registers of a trap, on the log at LOG_PANIC. */
void trap_show(const struct trap_frame *frame);

#endif
