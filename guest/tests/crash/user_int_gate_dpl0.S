/* SPDX-License-Identifier: MIT */
/*
 * user_int_gate_dpl0.S: the gate of int $0x80 has DPL 0 (type byte 0x8e), user code uses it: #GP with the error code 128 * 8 + 2.
 * The other gates are empty: #GP, #DF, shutdown.
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
	mov $1, %eax
	int $0x80
	jmp user_main
	.balign 4096
END user_main

FUNC syscall_handler
	EXIT 0
END syscall_handler

	GDT
	IDT
	GATE 0x80, syscall_handler
	IDT_END
	PAGE_TABLES pml4e=7, pdpte=7, pde=7, pte=7
