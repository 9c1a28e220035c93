/* SPDX-License-Identifier: MIT */
/*
 * trap.h: between trap_entry.S, the descriptor tables and the handlers. Usable from assembly.
 */
#ifndef TRAP_H
#define TRAP_H

#define TRAP_STUB_SIZE 16

/* Offset of rip in struct trap_frame. */
#define TRAP_FRAME_RIP 136

/* Entries of the TSS's interrupt stack table; 0 means: stay on the current stack. */
#define IST_DOUBLE_FAULT  1
#define IST_NMI           2
#define IST_MACHINE_CHECK 3

/* In struct tss. */
#define TSS_RSP0 4

#ifndef __ASSEMBLER__
#include <stdbool.h>

#include "arch_cpu.h"

extern const uint8_t trap_stubs[];

/* Called by trap_entry.S for every exception and interrupt. */
void trap_handle(struct trap_frame *frame);

/* Where SYSCALL goes. */
extern const uint8_t syscall_entry[];

/* Called there; true: return by SYSRET. */
bool syscall_handle(struct trap_frame *frame);

/* A page fault that is not the kernel's death: true. */
bool page_fault_handle(struct trap_frame *frame);

/* Dies of a page fault, a double fault: says in words what happened. */
void page_fault_panic(const struct trap_frame *frame) __attribute__((noreturn));
void double_fault_panic(const struct trap_frame *frame) __attribute__((noreturn));

/* If the instruction at RIP is one that may fail (memory_try_copy), goes on where it says: true. */
bool fixup_apply(struct trap_frame *frame);
#endif

#endif
