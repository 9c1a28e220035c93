/* SPDX-License-Identifier: MIT */
/*
 * cr3_process_no_kernel_stack.S: the process's tables map the kernel's code, but not the page of
 * its stack. After mov to CR3 the next push is a #PF, and so is the push of the frame for it and
 * for #DF: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	PTE stack, process_pt
	movq $0, (%rax)
	call switch_to
	hlt
END _start

FUNC switch_to
	LOAD_CR3 process_pml4
	call resume
	ret
END switch_to

FUNC resume
	ret
END resume

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 14, stop
	IDT_END
	PAGE_TABLES
	PAGE_TABLES process_
