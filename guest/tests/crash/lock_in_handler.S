/* SPDX-License-Identifier: MIT */
/*
 * lock_in_handler.S: the kernel faults while it holds the console's lock; the page-fault handler
 * wants to print and waits for that lock, which the interrupted code can never give back.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	mov $0x40000000, %ebx
	call console_write
	hlt
END _start

FUNC console_write
	call spin_lock
	mov (%rbx), %al
	movl $0, lock
	ret
END console_write

FUNC pf_handler
	call spin_lock
	cli
	hlt
END pf_handler

FUNC spin_lock
	mov $1, %eax
1:	xchg %eax, lock
	test %eax, %eax
	jz 2f
	pause
	jmp 1b
2:	ret
END spin_lock

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 13, stop
	GATE 14, pf_handler
	IDT_END
	PAGE_TABLES
	.data
	OBJECT lock, 4
	.long 0
	END lock
