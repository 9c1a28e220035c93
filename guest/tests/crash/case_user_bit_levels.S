/* SPDX-License-Identifier: MIT */
/*
 * case_user_bit_levels.S: map_user_page() gives its PTE and PDE the user bit, but the PDPT and PML4
 * entries on the way were made for the kernel and have it not. The first fetch of the program at
 * 0x40000000 is a #PF with P and U. Gates are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

#define PROGRAM 0x40000000

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	call map_user_page
	ENTER_USER PROGRAM, PROGRAM + 4096
END _start

FUNC map_user_page
	movq $user_pd + 3, pdpt + 8
	movq $user_pt + 7, user_pd
	movq $user_program + 7, user_pt
	ret
END map_user_page

	.balign 4096
FUNC user_program
	jmp user_program
	.balign 4096
END user_program

	GDT
	EMPTY_IDT
	PAGE_TABLES
	.bss
	OBJECT user_pd, 4096
	.skip 4096
	END user_pd
	OBJECT user_pt, 4096
	.skip 4096
	END user_pt
