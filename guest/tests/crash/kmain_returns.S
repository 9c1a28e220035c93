/* SPDX-License-Identifier: MIT */
/*
 * kmain_returns.S: kernel_main was jumped to and returns: it pops the zero above the stack: a fetch
 * from address 0, which is not mapped: #PF. Gates are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	jmp kernel_main
END _start

FUNC kernel_main
	ret
END kernel_main

	GDT
	EMPTY_IDT
	PAGE_TABLES
