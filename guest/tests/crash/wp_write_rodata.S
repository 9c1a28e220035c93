/* SPDX-License-Identifier: MIT */
/*
 * wp_write_rodata.S: a table of constants is mapped read-only and CR0.WP is set: the kernel's own
 * write to it is a #PF, error 3. Gates are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	PTE const_table
	andq $~PTE_W, (%rax)
	LOAD_CR3
	mov %cr0, %rax
	or $CR0_WP, %eax
	mov %rax, %cr0
	LOAD_GDT
	LOAD_IDT
	call write_const
	hlt
END _start

FUNC write_const
	movl $7, const_table + 8
	ret
END write_const

	GDT
	EMPTY_IDT
	PAGE_TABLES
	.section .rodata
	OBJECT const_table, 4096
	.long 1, 2, 3, 4
	.balign 4096
	END const_table
