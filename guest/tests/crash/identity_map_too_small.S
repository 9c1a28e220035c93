/* SPDX-License-Identifier: MIT */
/*
 * identity_map_too_small.S: the kernel's own tables map the first 4 MiB; the heap begins at 16 MiB.
 * Its first write is a #PF (PDE not present). Gates are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	call heap_init
	hlt
END _start

FUNC heap_init
	mov $0x1000000, %ebx
	movq $0x100000, (%rbx)
	ret
END heap_init

	GDT
	EMPTY_IDT
	PAGE_TABLES large=0
