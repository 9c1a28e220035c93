/* SPDX-License-Identifier: MIT */
/*
 * lost_syscall.c: system calls that arrive as page faults.
 */
#include "arch.h"
#include "trap.h"

/*
 * Some KVMs that emulate CPL 0 (kvm_pvm of Linux 6.18) do all that SYSCALL does but leave CPL 3:
 * the kernel's first instruction then faults as if the program had jumped there. A program that
 * really jumps there gets what it would get by SYSCALL, so the two need not be told apart.
 */
bool syscall_was_lost(struct trap_frame *frame)
{
	if (frame->ip != (uintptr_t)syscall_entry || !(frame->error & PF_I) ||
		frame->cx >= USER_LIMIT)
		return false;
	frame->ip = frame->cx;
	frame->flags = (frame->r11 & RFLAGS_USER) | RFLAGS_IF | RFLAGS_FIXED;
	frame->vector = VECTOR_SYSCALL;
	frame->error = frame->ax;
	syscall_handle(frame);
	return true;
}
