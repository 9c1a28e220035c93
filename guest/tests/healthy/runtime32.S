/* SPDX-License-Identifier: MIT */
/*
 * runtime32.S: entry, tables and exception stubs of the 32-bit healthy guests, without paging;
 * runtime.h tells the C side.
 */
#include "../crash/crash32.inc"

	ENTRY
	LOAD_GDT
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
	pushl $0
	.endif
	pushl $\vector
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
	push %eax
	push %ecx
	push %edx
	push %ebx
	push %ebp
	push %esi
	push %edi
	cld
	push %esp
	call trap
	add $4, %esp
	pop %edi
	pop %esi
	pop %ebp
	pop %ebx
	pop %edx
	pop %ecx
	pop %eax
	add $8, %esp
	iret
END save_and_call

	GDT
	IDT
	.macro STUB_GATE vector
	GATE \vector, stub_\vector
	.endm
	.altmacro
	.set number, 0
	.rept 64
	STUB_GATE %number
	.set number, number + 1
	.endr
	.noaltmacro
	IDT_END
