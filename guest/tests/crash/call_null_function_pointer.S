/* SPDX-License-Identifier: MIT */
/*
 * call_null_function_pointer.S: an entry of a table of operations was never filled in: a call to
 * address 0, which is not mapped: #PF on the fetch; the return address on the stack tells the
 * caller. Gates are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	mov $ops, %ebx
	call call_op
	hlt
END _start

FUNC call_op
	call *8(%rbx)
after_call_op:
	ret
END call_op

	GDT
	EMPTY_IDT
	PAGE_TABLES
	.data
	OBJECT ops, 8
	.quad call_op, 0
	END ops
