/* SPDX-License-Identifier: MIT */
/*
 * idt_zero_gate_pf.S: a null pointer is read at offset 0x10 while the IDT, though loaded, has only
 * zeros. #PF; gate 14 is not a gate: #GP with error code 14 * 8 + 2; #PF then #GP make #DF; gate 8
 * is zero as well: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	xor %ebx, %ebx
	call touch
	hlt
END _start

FUNC touch
	mov 0x10(%rbx), %rax
	ret
END touch

	GDT
	EMPTY_IDT
	PAGE_TABLES
