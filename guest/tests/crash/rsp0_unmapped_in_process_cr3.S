/* SPDX-License-Identifier: MIT */
/*
 * rsp0_unmapped_in_process_cr3.S: TSS.RSP0 is a good stack in the kernel's tables, but the
 * process's tables lack its page. User code reads a null pointer: #PF; the frame cannot be pushed:
 * #PF, #DF, the same: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS kstack_top
	LOAD_IDT
	PTE kstack, process_pt
	movq $0, (%rax)
	LOAD_CR3 process_pml4
	ENTER_USER user_main, user_main + 4096
END _start

	.balign 4096
FUNC user_main
	xor %ebx, %ebx
	mov (%rbx), %eax
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
	PAGE_TABLES
	PAGE_TABLES process_, pml4e=7, pdpte=7, pde=7, pte=7
	.bss
	OBJECT kstack, 4096
	.skip 4096
	END kstack
kstack_top:
	.skip 16
