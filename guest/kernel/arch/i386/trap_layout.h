/* SPDX-License-Identifier: MIT */
/*
 * trap_layout.h: i386: what trap_entry.S and the descriptor tables must agree on. Usable from
 * assembly.
 */
#ifndef TRAP_LAYOUT_H
#define TRAP_LAYOUT_H

#define TRAP_STUB_SIZE 16

/* Offset of ip in struct trap_frame. */
#define TRAP_FRAME_IP 52

/* mov %esp, %ebp */
#define SET_FRAME_CODE 0x89, 0xe5

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

#include "syscall.h"

struct trap_frame;

/* Makes a system call with the arguments in the frame (system_call.c). */
int64_t trap_call(struct trap_frame *frame, syscall_fn *call);

/* Where int $0x80 goes. */
extern const uint8_t syscall_entry[];

/* What `syscall` needs on some KVMs in 64 bits: a system call never arrives as a page fault here.
 */
static inline bool syscall_was_lost(struct trap_frame *frame)
{
	return false;
}
#endif

#endif
