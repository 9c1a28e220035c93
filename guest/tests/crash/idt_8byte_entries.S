/* SPDX-License-Identifier: MIT */
/*
 * idt_8byte_entries.S: a 32-bit kernel's IDT of 8-byte gates, ported to long mode as it was. Entry
 * 14 is then made of the old entries 28 and 29: bits 63:32 of its offset are the other one's
 * selector and offset, 0x0008xxxx, not canonical. A CPU raises #GP on the way to such an address:
 * #PF, #GP, #DF, #GP, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	mov $0x10, %ebx
	call touch
	hlt
END _start

FUNC touch
	mov (%rbx), %rax
	ret
END touch

	STOP_HANDLER
	GDT
	.data
	OBJECT idt
	.rept 256
	.word stop - text_start, KERNEL_CS, 0x8e00, GATE_MIDDLE
	.endr
	END idt
	OBJECT idtr, 8
	.word idtr - idt - 1
	.quad idt
	PAGE_TABLES
