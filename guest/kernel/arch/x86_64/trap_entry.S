/* SPDX-License-Identifier: MIT */
/*
 * trap_entry.S: one stub of TRAP_STUB_SIZE bytes for each vector; all of them leave a struct trap_frame and call trap_handle().
 */
#include "layout.h"
#include "trap.h"
#include "x86.h"

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
	save r9
	save r8
	save r10
	save rdx
	save rsi
	save rdi
	save rcx
	save r11
	save rbp
	save rbx
	save r12
	save r13
	save r14
	save r15
	cld
	cmpb $0, cpu_has_smap(%rip)
	je 1f
	/* CLAC's job, by instructions that every emulator knows. */
	pushfq
	andl $~RFLAGS_AC, (%rsp)
	popfq
1:	mov %rsp, %rdi
	push TRAP_FRAME_IP(%rdi)
	.cfi_adjust_cfa_offset 8
	push %rbp
	.cfi_adjust_cfa_offset 8
	mov %rsp, %rbp
	call trap_handle
	add $16, %rsp
	.cfi_adjust_cfa_offset -16
	.globl trap_return
trap_return:
	restore r15
	restore r14
	restore r13
	restore r12
	restore rbx
	restore rbp
	restore r11
	restore rcx
	restore rdi
	restore rsi
	restore rdx
	restore r10
	restore r8
	restore r9
	restore rax
	add $16, %rsp
	.cfi_adjust_cfa_offset -16
	iretq
	.cfi_endproc
	.size trap_common, . - trap_common

/*
 * Where SYSCALL goes: SDM vol. 2, SYSCALL. The CPU has put RIP and RFLAGS into rcx and r11, and changed no stack: with one
 * CPU, a fixed place holds the program's while the kernel's is found. The rest is as for a trap; the number of the call
 * takes the place of the error code.
 */
	.globl syscall_entry
	.type syscall_entry, @function
syscall_entry:
	.cfi_startproc simple
	.cfi_signal_frame
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rcx
	mov %rsp, syscall_user_rsp(%rip)
	mov cpu_tss+TSS_RSP0(%rip), %rsp
	push $SELECTOR_USER_DATA
	push syscall_user_rsp(%rip)
	push %r11
	push $SELECTOR_USER_CODE
	push %rcx
	.cfi_def_cfa rsp, 0
	.cfi_offset rip, 0
	.cfi_offset rsp, 3 * 8
	push %rax
	.cfi_adjust_cfa_offset 8
	push $VECTOR_SYSCALL
	.cfi_adjust_cfa_offset 8
	save rax
	save r9
	save r8
	save r10
	save rdx
	save rsi
	save rdi
	save rcx
	save r11
	save rbp
	save rbx
	save r12
	save r13
	save r14
	save r15
	mov %rsp, %rdi
	push %rcx
	.cfi_adjust_cfa_offset 8
	push %rbp
	.cfi_adjust_cfa_offset 8
	mov %rsp, %rbp
	call syscall_handle
	add $16, %rsp
	.cfi_adjust_cfa_offset -16
	test %al, %al
	jz trap_return
	/* SYSRET: the program does not mind what rcx and r11 hold after a system call. */
	restore r15
	restore r14
	restore r13
	restore r12
	restore rbx
	restore rbp
	add $16, %rsp
	.cfi_adjust_cfa_offset -16
	restore rdi
	restore rsi
	restore rdx
	restore r10
	restore r8
	restore r9
	restore rax
	mov 16(%rsp), %rcx
	mov 32(%rsp), %r11
	mov 40(%rsp), %rsp
	sysretq
	.cfi_endproc
	.size syscall_entry, . - syscall_entry

/* context_switch(&where to keep the stack pointer, the one to go on with) */
	.globl context_switch
	.type context_switch, @function
context_switch:
	push %rbp
	mov %rsp, %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, (%rdi)
	mov %rsi, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	ret
	.size context_switch, . - context_switch

	.bss
	.balign 8
syscall_user_rsp:
	.skip 8

	.section .note.GNU-stack, "", @progbits
