/* SPDX-License-Identifier: MIT */
/*
 * user_hlt_no_gp_gate.S: user code executes hlt, a privileged instruction: #GP(0). The IDT has a
 * gate for #PF only: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	ENTER_USER user_main, user_main + 4096
END _start

	.balign 4096
FUNC user_main
	hlt
	jmp user_main
	.balign 4096
END user_main

	STOP_HANDLER
	GDT
	IDT
	GATE 14, stop
	IDT_END
	PAGE_TABLES pml4e=7, pdpte=7, pde=7, pte=7
