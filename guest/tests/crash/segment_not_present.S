/* SPDX-License-Identifier: MIT */
/*
 * segment_not_present.S: the data descriptor's access byte was written as 0x12 instead of 0x92: not
 * present. Loading DS raises #NP(0x10). Gates are empty: #GP after #NP makes #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	movb $0x12, gdt + KERNEL_DS + 5
	LOAD_GDT
	LOAD_IDT
	call load_segments
	hlt
END _start

FUNC load_segments
	mov $KERNEL_DS, %eax
	mov %eax, %ds
	ret
END load_segments

	GDT
	EMPTY_IDT
