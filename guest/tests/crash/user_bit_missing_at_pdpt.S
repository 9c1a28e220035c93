/* SPDX-License-Identifier: MIT */
/*
 * user_bit_missing_at_pdpt.S: PML4E, PDE and PTE of the user's page have the user bit, the PDPTE
 * has not; rights are ANDed over the levels. The first user fetch is a #PF, protection, user. Gates
 * are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	ENTER_USER user_page, user_page + 4096
END _start

	.balign 4096
FUNC user_page
	jmp user_page
	.balign 4096
END user_page

	GDT
	EMPTY_IDT
	PAGE_TABLES pml4e=7, pdpte=3, pde=7, pte=7
