/* SPDX-License-Identifier: MIT */
/*
 * tss_limit_too_small.S: the descriptor of the TSS has the limit 0x1f, and the gate of #PF wants IST1, at offset
 * 0x24 of the TSS: #TS, then #DF without a gate: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	movw $0x1f, gdt + TSS_SEL
	LOAD_TSS
	LOAD_IDT
	mov $0x40000000, %ebx
	call touch
	hlt
END _start

FUNC touch
	movl $1, (%rbx)
	ret
END touch

	STOP_HANDLER
	GDT
	IDT
	GATE 14, stop, ist=1
	IDT_END
	PAGE_TABLES
