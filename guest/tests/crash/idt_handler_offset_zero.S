/* SPDX-License-Identifier: MIT */
/*
 * idt_handler_offset_zero.S: gate 14 is present, but its handler is a symbol that nobody defined:
 * address 0. #PF is delivered, the handler's first fetch is a #PF, which is delivered ... until the
 * stack runs into its guard page; then #PF during #PF makes #DF, whose frame has no room either:
 * shutdown.
 */
#include "crash.inc"

	ENTRY_GUARD
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	mov $0x60000000, %ebx
	call touch
	hlt
END _start

FUNC touch
	mov (%rbx), %rax
	ret
END touch

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	.org idt + 16 * 14
	.word 0, KERNEL_CS, 0x8e00, 0
	.long 0, 0
	IDT_END
	PAGE_TABLES
