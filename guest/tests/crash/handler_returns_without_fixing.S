/* SPDX-License-Identifier: MIT */
/*
 * handler_returns_without_fixing.S: the page-fault handler returns without mapping the page: the
 * same instruction faults again, for ever.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	mov $0x40000000, %ebx
	call touch
	hlt
END _start

FUNC touch
	mov (%rbx), %rax
	ret
END touch

FUNC h_pf
	add $8, %rsp
	iretq
END h_pf

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 13, stop
	GATE 14, h_pf
	IDT_END
	PAGE_TABLES
