/* SPDX-License-Identifier: MIT */
/*
 * handler_faults.S: the page-fault handler looks up the current task to print its name; there is
 * none yet, and the null pointer is a page fault in the handler, again and again, until the stack
 * runs into its guard page: #PF, #DF without IST: shutdown. The last state shows only the
 * recursion; the first fault is the oldest frame.
 */
#include "crash.inc"

	ENTRY_GUARD
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	mov $0x40000000, %ebx
	call touch
	hlt
END _start

FUNC touch
	mov (%rbx), %rax
	ret
END touch

FUNC pf_handler
	mov current_task, %rdi
	mov 0x18(%rdi), %rsi
	hlt
END pf_handler

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 14, pf_handler
	IDT_END
	PAGE_TABLES
	.data
	OBJECT current_task, 8
	.quad 0
	END current_task
