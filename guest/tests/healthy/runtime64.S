/* SPDX-License-Identifier: MIT */
/*
 * runtime64.S: entry, tables and exception stubs of the 64-bit healthy guests; runtime.h tells the
 * C side. #DF and #PF run on stacks of their own (IST1, IST2), so that a guest may break its stack
 * on purpose.
 */
#include "../crash/crash.inc"

	ENTRY
	mov %cr0, %rax
	or $CR0_WP, %eax
	mov %rax, %cr0
	LOAD_CR3
	LOAD_GDT
	movq $df_stack_top, tss + 0x24
	movq $pf_stack_top, tss + 0x2c
	LOAD_TSS
	LOAD_IDT
	call test_main
	ud2
END _start

	/* Vectors whose exceptions push an error code: SDM vol. 3, table 6-1. */
	.macro STUB vector
	.balign 16
stub_\vector:
	.if (\vector != 8) && (\vector != 10) && (\vector != 11) && (\vector != 12) && (\vector != 13) && (\vector != 14) && (\vector != 17) && (\vector != 21)
	pushq $0
	.endif
	pushq $\vector
	jmp save_and_call
	.endm

	.altmacro
	.set number, 0
	.rept 64
	STUB %number
	.set number, number + 1
	.endr
	.noaltmacro

FUNC save_and_call
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
	mov %rsp, %rbp
	and $-16, %rsp
	call trap
	mov %rbp, %rsp
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
END save_and_call

	GDT
	IDT
	.macro STUB_GATE vector, type, ist
	GATE \vector, stub_\vector, \type, \ist
	.endm
	.altmacro
	.set number, 0
	.rept 64
	.if number == 8
	STUB_GATE %number, 0x8e, 1
	.elseif number == 14
	STUB_GATE %number, 0x8e, 2
	.else
	STUB_GATE %number, 0x8e, 0
	.endif
	.set number, number + 1
	.endr
	.noaltmacro
	IDT_END
	PAGE_TABLES pml4e=7, pdpte=7, pde=7, pte=7
	.bss
	.balign 4096
	.skip 4096
df_stack_top:
	.skip 4096
pf_stack_top:
	.skip 16
