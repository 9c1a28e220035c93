/* SPDX-License-Identifier: MIT */
/*
 * iret_without_popping_error_code.S: the page-fault handler maps the page and returns with the
 * error code still on the stack: iretq takes it for RIP, and the old RIP for CS: a selector beyond
 * the GDT: #GP. Gate 13 is empty: #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	mov $0x10000000, %ebx
	call touch
	hlt
END _start

	.balign 256
	.skip 96
FUNC touch
	mov (%rbx), %rax
	ret
END touch

FUNC pf_handler
	movq $0x400083, pd + 128 * 8
	iretq
END pf_handler

	GDT
	IDT
	GATE 14, pf_handler
	IDT_END
	PAGE_TABLES
