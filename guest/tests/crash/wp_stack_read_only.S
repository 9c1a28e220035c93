/* SPDX-License-Identifier: MIT */
/*
 * wp_stack_read_only.S: the page of the stack is mapped read-only, which does not matter at CPL 0
 * until CR0.WP is set. Then the next push is a #PF, and so are those for the frames: #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	mov %cr0, %rax
	and $~CR0_WP, %eax
	mov %rax, %cr0
	PTE stack
	andq $~PTE_W, (%rax)
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	call enable_wp
	hlt
END _start

FUNC enable_wp
	mov %cr0, %rax
	or $CR0_WP, %eax
	mov %rax, %cr0
	call next
	ret
END enable_wp

FUNC next
	ret
END next

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 14, stop
	IDT_END
	PAGE_TABLES
