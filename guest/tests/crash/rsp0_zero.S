/* SPDX-License-Identifier: MIT */
/*
 * rsp0_zero.S: user code reads an unmapped address: #PF from CPL 3; the CPU takes the kernel stack
 * from TSS.RSP0, which is 0: the frame would go to 0xfffffffffffffff8: #PF, #DF, the same again:
 * shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS 0
	LOAD_IDT
	ENTER_USER user_main, user_main + 4096
END _start

	.balign 4096
FUNC user_main
	mov 0x70000000, %eax
	jmp user_main
	.balign 4096
END user_main

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 13, stop
	GATE 14, stop
	IDT_END
	PAGE_TABLES pml4e=7, pdpte=7, pde=7, pte=7
