/* SPDX-License-Identifier: MIT */
/*
 * call_into_bss.S: a function pointer leads into the middle of a buffer in .bss. 00 00 is add %al,(%rax), and RAX is an address that is
 * not mapped: #PF; the IDT has only zeros: #GP, #DF, shutdown. Of the zeros before that place none was executed.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	mov $0x70000000, %eax
	mov $buffer + 2048, %ebx
	call call_op
	hlt
END _start

FUNC call_op
	call *%rbx
	ret
END call_op

	GDT
	EMPTY_IDT
	PAGE_TABLES
	.bss
	OBJECT buffer, 4096
	.skip 4096
	END buffer
