/* SPDX-License-Identifier: MIT */
/*
 * noncanonical_pointer.S: the offset from physical to virtual addresses (0xffff888000000000) was
 * added twice; the sum is not canonical: #GP(0), no #PF, and CR2 says nothing. Gates are empty:
 * #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov $0xffff888000000000, %rax
	lea 0x1000(%rax, %rax), %rbx
	call deref
	hlt
END _start

FUNC deref
	mov 8(%rbx), %rax
	ret
END deref

	GDT
	EMPTY_IDT
