/* SPDX-License-Identifier: MIT */
/*
 * stack_overflow_into_data.S: no guard page: the stack silently grows into what lies below it, here
 * the pointer to the operations that the kernel calls through next. A return address has
 * overwritten it, so bytes of code are taken for the address of a function; it is not canonical:
 * #GP. Gates are empty: #DF, shutdown.
 */
#include "crash.inc"

	.bss
	.balign 4096
	.skip 4096 - 8
	OBJECT current, 8
	.skip 8
	END current

	ENTRY
	LOAD_GDT
	LOAD_IDT
	movq $ops, current
	mov $600, %ecx
	call recurse
	call call_op
	hlt
END _start

FUNC recurse
	dec %ecx
	jz 1f
	call recurse
1:	ret
END recurse

FUNC call_op
	mov current, %rbx
	jmp *(%rbx)
END call_op

FUNC op_nothing
	ret
END op_nothing

	GDT
	EMPTY_IDT
	.data
	OBJECT ops, 8
	.quad op_nothing
	END ops
