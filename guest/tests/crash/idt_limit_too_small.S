/* SPDX-License-Identifier: MIT */
/*
 * idt_limit_too_small.S: lidt gets the number of gates for the limit, 32, where it wants bytes: two gates
 * are within it. The gate of #PF is good but beyond it: #GP, beyond it too, #DF likewise: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	movw $32, idtr
	LOAD_IDT
	xor %ebx, %ebx
	call touch
	hlt
END _start

FUNC touch
	mov 0x10(%rbx), %rax
	ret
END touch

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 13, stop
	GATE 14, stop
	IDT_END
	PAGE_TABLES
