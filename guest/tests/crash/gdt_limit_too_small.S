/* SPDX-License-Identifier: MIT */
/*
 * gdt_limit_too_small.S: the GDT is good, its limit was computed for two descriptors. Loading SS
 * with 0x10 raises #GP(0x10). Gates are empty: #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	movw $15, gdtr
	LOAD_GDT
	LOAD_IDT
	call load_ss
	hlt
END _start

FUNC load_ss
	mov $KERNEL_DS, %eax
	mov %eax, %ss
	ret
END load_ss

	GDT
	EMPTY_IDT
