/* SPDX-License-Identifier: MIT */
/*
 * trap_entry.S: one stub of TRAP_STUB_SIZE bytes for each vector; all of them leave a struct trap_frame and call trap_handle().
 */
#include "layout.h"
#include "trap.h"

/* Vectors for which the CPU pushes an error code: SDM vol. 3, table 6-1. */
#define ERROR_CODES (1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17 | 1 << 21)

	.text
	.globl trap_stubs
	.balign TRAP_STUB_SIZE
	.type trap_stubs, @function
trap_stubs:
	.set vector, 0
	.rept VECTORS
	.balign TRAP_STUB_SIZE
	.if vector >= 32 || ((ERROR_CODES >> vector) & 1) == 0
	push $0
	.endif
	push $vector
	jmp trap_common
	.set vector, vector + 1
	.endr
	.size trap_stubs, . - trap_stubs

	.globl trap_common
	.type trap_common, @function
trap_common:
	push %rax
	push %rcx
	push %rdx
	push %rbx
	push %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	cld
	mov %rsp, %rdi
	call trap_handle
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rbp
	pop %rbx
	pop %rdx
	pop %rcx
	pop %rax
	add $16, %rsp
	iretq
	.size trap_common, . - trap_common

	.section .note.GNU-stack, "", @progbits
