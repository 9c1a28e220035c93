/* SPDX-License-Identifier: MIT */
/*
 * noncanonical_stack.S: a task's saved RSP was lost and something else loaded; it is not canonical:
 * the next push is #SS(0), and so is the push of the frame: #DF, #SS: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	call switch_task
	hlt
END _start

FUNC switch_task
	mov task, %rsp
	push %rbx
	ret
END switch_task

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 12, stop
	GATE 13, stop
	IDT_END
	.data
	OBJECT task, 8
	.quad 0x0123456789abcde0
	END task
