/* SPDX-License-Identifier: MIT */
/*
 * user_accesses_kernel_page.S: a user program writes to the kernel's memory: all upper levels have
 * the user bit, the PTE of that page has not: #PF, protection, user, write. Gates are empty: #GP,
 * #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	PTE kernel_data
	andq $~PTE_U, (%rax)
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	ENTER_USER user_main, user_main + 4096
END _start

	.balign 4096
FUNC user_main
	movl $1, kernel_data
	jmp user_main
	.balign 4096
END user_main

	GDT
	EMPTY_IDT
	PAGE_TABLES pml4e=7, pdpte=7, pde=7, pte=7
	.data
	OBJECT kernel_data, 4096
	.skip 4096
	END kernel_data
