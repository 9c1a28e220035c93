/* SPDX-License-Identifier: MIT */
/*
 * trap.h: between trap_entry.S, the descriptor tables and the handlers. Usable from assembly.
 */
#ifndef TRAP_H
#define TRAP_H

#include "trap_layout.h"

#ifndef __ASSEMBLER__
#include <stdbool.h>

#include "arch_cpu.h"

/* One stub of TRAP_STUB_SIZE bytes for each vector. */
extern const uint8_t trap_stubs[];

/* Called by trap_entry.S for every exception and interrupt. */
void trap_handle(struct trap_frame *frame);

/* Called there for a system call; true: the fast way back may be taken. */
bool syscall_handle(struct trap_frame *frame);

/* A page fault that is not the kernel's death: true. */
bool page_fault_handle(struct trap_frame *frame);

/* Dies of a page fault, a double fault: says in words what happened. */
void page_fault_panic(const struct trap_frame *frame) __attribute__((noreturn));
void double_fault_panic(const struct trap_frame *frame) __attribute__((noreturn));

/* If the instruction that trapped is one that may fail (memory_try_copy), goes on where it says:
 * true. */
bool fixup_apply(struct trap_frame *frame);
#endif

#endif
