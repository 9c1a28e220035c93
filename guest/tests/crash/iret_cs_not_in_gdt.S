/* SPDX-License-Identifier: MIT */
/*
 * iret_cs_not_in_gdt.S: a kernel goes to user mode with the code selector of another GDT: 0x1b is a data segment in
 * this one. #GP(0x18), and no gate for it: #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	call enter_user
END _start

FUNC enter_user
	pushq $USER_DS
	pushq $stack_top
	pushq $RFLAGS_FIXED
	pushq $USER_DS
	pushq $user_main
	iretq
END enter_user

FUNC user_main
	jmp user_main
END user_main

	GDT
	EMPTY_IDT
