/* SPDX-License-Identifier: MIT */
/*
 * code_patched_null_pointer.S: the kernel patches a jump out of its own code, as kernels do, and runs on from there into the use of a
 * null pointer. #PF; the IDT has only zeros: #GP, #DF, shutdown. The patched bytes have nothing to do with it.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	movw $0x9090, feature
	xor %ebx, %ebx
	call feature
	hlt
END _start

FUNC feature
	jmp 1f
	mov 8(%rbx), %rax
1:	ret
END feature

	GDT
	EMPTY_IDT
	PAGE_TABLES
