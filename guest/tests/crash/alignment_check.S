/* SPDX-License-Identifier: MIT */
/*
 * alignment_check.S: CR0.AM is set and the user program runs with EFLAGS.AC: its misaligned access
 * is #AC(0). There is a gate for #PF only: #GP, which is delivered with #AC as itself, then #DF:
 * shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	mov %cr0, %rax
	or $CR0_AM, %eax
	mov %rax, %cr0
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	pushq $USER_DS
	pushq $user_data + 4096
	pushq $RFLAGS_FIXED | RFLAGS_AC
	pushq $USER_CS
	pushq $user_main
	iretq
END _start

	.balign 4096
FUNC user_main
	mov user_data + 1, %eax
	jmp user_main
	.balign 4096
END user_main

	STOP_HANDLER
	GDT
	IDT
	GATE 14, stop
	IDT_END
	PAGE_TABLES pml4e=7, pdpte=7, pde=7, pte=7
	.data
	OBJECT user_data, 4096
	.skip 4096
	END user_data
