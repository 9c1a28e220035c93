/* SPDX-License-Identifier: MIT */
/*
 * stack_overflow_over_tables.S: an endless recursion on a stack without a guard page runs over the IDT and the
 * GDT of the kernel in .data, and at last over the function itself: no exception can be delivered.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	call recurse
	hlt
END _start

FUNC recurse
	push %rbp
	mov %rsp, %rbp
	sub $32, %rsp
	call recurse
	leave
	ret
END recurse

	STOP_HANDLER
	GDT
	IDT
	.set vector, 0
	.rept 32
	GATE vector, stop
	.set vector, vector + 1
	.endr
	IDT_END
	PAGE_TABLES
