/* SPDX-License-Identifier: MIT */
/*
 * large_page_misaligned.S: a 2 MiB page at 4 MiB is to be mapped to the physical address 0x410000.
 * Bits 13 to 20 of such an entry are reserved: #PF with RSVD, no gate: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	movq $0x410083, pd + 2 * 8
	LOAD_CR3
	call touch
	hlt
END _start

FUNC touch
	mov $0x400000, %ebx
	mov (%rbx), %rax
	ret
END touch

	GDT
	EMPTY_IDT
	PAGE_TABLES
