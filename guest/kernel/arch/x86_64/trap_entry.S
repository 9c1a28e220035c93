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

/*
 * For debuggers: how the registers of the code that was interrupted are found. A frame of its own, whose return address
 * is that of the interrupted instruction, keeps the chain of frame pointers whole.
 */
	.cfi_sections .debug_frame
	.type trap_common, @function
trap_common:
	.cfi_startproc simple
	.cfi_signal_frame
	.cfi_def_cfa rsp, 2 * 8
	.cfi_offset rip, 0
	.cfi_offset rsp, 3 * 8

	.macro save register
	push %\register
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \register, 0
	.endm

	.macro restore register
	pop %\register
	.cfi_adjust_cfa_offset -8
	.cfi_restore \register
	.endm

	save rax
	save rcx
	save rdx
	save rbx
	save rbp
	save rsi
	save rdi
	save r8
	save r9
	save r10
	save r11
	save r12
	save r13
	save r14
	save r15
	cld
	mov %rsp, %rdi
	push TRAP_FRAME_RIP(%rdi)
	.cfi_adjust_cfa_offset 8
	push %rbp
	.cfi_adjust_cfa_offset 8
	mov %rsp, %rbp
	call trap_handle
	add $16, %rsp
	.cfi_adjust_cfa_offset -16
	restore r15
	restore r14
	restore r13
	restore r12
	restore r11
	restore r10
	restore r9
	restore r8
	restore rdi
	restore rsi
	restore rbp
	restore rbx
	restore rdx
	restore rcx
	restore rax
	add $16, %rsp
	.cfi_adjust_cfa_offset -16
	iretq
	.cfi_endproc
	.size trap_common, . - trap_common

	.section .note.GNU-stack, "", @progbits
