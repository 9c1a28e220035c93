/* SPDX-License-Identifier: MIT */
/*
 * page_table_not_zeroed.S: a page taken for a page table held something else before (a pool fills
 * freed pages with 0x6b) and was not cleared; one entry is set, its neighbour is touched. The
 * neighbour's bits look present and have reserved ones among them: #PF with RSVD. Gates are empty:
 * #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	call map_page
	mov $0x2201000, %ebx
	call touch
	hlt
END _start

/* Maps 0x2200000: PDE 17, PTE 0. */
FUNC map_page
	movq $used_page + 3, pd + 17 * 8
	movq $0x600003, used_page
	ret
END map_page

FUNC touch
	mov (%rbx), %rax
	ret
END touch

	GDT
	EMPTY_IDT
	PAGE_TABLES
	.data
	OBJECT used_page, 4096
	.rept 512
	.quad 0x6b6b6b6b6b6b6b6b
	.endr
	END used_page
