/* SPDX-License-Identifier: MIT */
/*
 * p32_user_bit_missing_in_pde.S: the PTEs have the user bit, the page directory's entry has not:
 * the first user fetch is a #PF with error 5. Gates are empty: #GP, #DF, shutdown.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	ENABLE_PAGING
	push $USER_DS
	push $stack_top
	push $RFLAGS_FIXED
	push $USER_CS
	push $user_main
	iret
END _start

FUNC user_main
	jmp user_main
END user_main

	GDT
	EMPTY_IDT
	PAGE_DIRECTORY pde=3, pte=7
