/* SPDX-License-Identifier: MIT */
/*
 * trap_layout.h: x86_64: what trap_entry.S and the descriptor tables must agree on. Usable from
 * assembly.
 */
#ifndef TRAP_LAYOUT_H
#define TRAP_LAYOUT_H

#define TRAP_STUB_SIZE 16

/* Offset of ip in struct trap_frame. */
#define TRAP_FRAME_IP 136

/* Entries of the TSS's interrupt stack table; 0 means: stay on the current stack. */
#define IST_DOUBLE_FAULT  1
#define IST_NMI           2
#define IST_MACHINE_CHECK 3

/* In struct tss. */
#define TSS_RSP0 4

/* mov %rsp, %rbp */
#define SET_FRAME_CODE 0x48, 0x89, 0xe5

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

#include "arch_cpu.h"
#include "syscall.h"

_Static_assert(sizeof(struct syscall_args) == sizeof(((struct trap_frame *)0)->arguments),
	"the arguments lie together in the frame");

/* Makes a system call with the arguments in the frame. */
static inline int64_t trap_call(struct trap_frame *frame, syscall_fn *call)
{
	return call((struct syscall_args *)frame->arguments);
}

/* Where SYSCALL goes. */
extern const uint8_t syscall_entry[];

/* Whether a page fault of a program was a system call; then it has been done. */
bool syscall_was_lost(struct trap_frame *frame);
#endif

#endif
