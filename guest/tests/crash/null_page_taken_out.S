/* SPDX-License-Identifier: MIT */
/*
 * null_page_taken_out.S: the kernel still runs on the loader's page tables, and has taken the lowest 2 MiB out of them, so
 * that null pointers are found out. One is: #PF; there are no gates yet: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov %cr3, %rbx
	mov (%rbx), %rbx
	and $~0xfff, %rbx
	mov (%rbx), %rbx
	and $~0xfff, %rbx
	movq $0, (%rbx)
	mov %cr3, %rbx
	mov %rbx, %cr3
	xor %ebx, %ebx
	call task_name
	hlt
END _start

FUNC task_name
	mov 0x18(%rbx), %rax
	ret
END task_name

	GDT
	EMPTY_IDT
