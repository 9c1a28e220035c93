/* SPDX-License-Identifier: MIT */
/*
 * heap_not_mapped.S: kmalloc is called before the heap's region (at 1 GiB) was mapped: its first
 * look at a block header is a #PF. Gates are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	mov $1024, %edi
	call kmalloc
	hlt
END _start

FUNC kmalloc
	mov heap_start, %rax
	cmp %rdi, 8(%rax)
	jb 1f
	ret
1:	xor %eax, %eax
	ret
END kmalloc

	GDT
	EMPTY_IDT
	PAGE_TABLES
	.data
	OBJECT heap_start, 8
	.quad 0x40000000
	END heap_start
