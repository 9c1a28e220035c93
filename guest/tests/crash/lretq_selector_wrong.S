/* SPDX-License-Identifier: MIT */
/*
 * lretq_selector_wrong.S: after lgdt the kernel reloads CS by lretq with a selector that its GDT has no descriptor
 * for: an empty one.
 */
#include "crash.inc"

	ENTRY
	movq $0, gdt + 0x18
	LOAD_GDT
	LOAD_IDT
	call reload_cs
	hlt
END _start

FUNC reload_cs
	pushq $0x18
	pushq $1f
	lretq
1:	ret
END reload_cs

	GDT
	EMPTY_IDT
