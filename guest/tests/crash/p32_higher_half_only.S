/* SPDX-License-Identifier: MIT */
/*
 * p32_higher_half_only.S: the page directory maps the kernel at 0xc0000000 and nothing else. After
 * CR0.PG is set the next instruction is fetched from its low address: #PF; nothing else is mapped
 * either: shutdown.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	movl $0, pgdir
	movl $page_table + 3, pgdir + 768 * 4
	call enable_paging
	hlt
END _start

FUNC enable_paging
	ENABLE_PAGING
	mov $higher_half + 0xc0000000, %eax
	jmp *%eax
END enable_paging

FUNC higher_half
	hlt
	jmp higher_half
END higher_half

	GDT
	EMPTY_IDT
	PAGE_DIRECTORY
