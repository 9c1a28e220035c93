/* SPDX-License-Identifier: MIT */
/*
 * pde_without_ps.S: the page directory is filled with addresses 2 MiB apart and without PS, so the
 * CPU takes the kernel's own first page for the page table of the kernel. Its first eight bytes,
 * cld and mov, have bit 0 clear: not present, the fetch after mov to CR3 is a #PF: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov $3, %eax
	mov $pd, %ebx
fill:
	mov %rax, (%rbx)
	add $0x200000, %eax
	add $8, %ebx
	cmp $pd + 16 * 8, %ebx
	jb fill
	call enable_tables
	hlt
END _start

FUNC enable_tables
	LOAD_CR3
	ret
END enable_tables

	GDT
	EMPTY_IDT
	PAGE_TABLES
