/* SPDX-License-Identifier: MIT */
/*
 * timer_returns_by_ret.S: the timer's handler ends with ret, so CS, RFLAGS, RSP and SS stay on the stack of what it
 * interrupted, whose own ret then goes to address 8, the code selector.
 */
#include "crash.inc"
#include "pic.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	PIC_INIT 0x20, 0x28
	PIT_START
	call sleep
	hlt
END _start

FUNC sleep
	sti
1:	cmpl $0, ticks
	je 1b
	ret
END sleep

FUNC timer_handler
	incl ticks
	ret
END timer_handler

	GDT
	IDT
	GATE 0x20, timer_handler
	IDT_END
	PAGE_TABLES
	.data
	OBJECT ticks, 4
	.long 0
	END ticks
