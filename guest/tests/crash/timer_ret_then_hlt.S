/* SPDX-License-Identifier: MIT */
/*
 * timer_ret_then_hlt.S: the timer's handler ends with ret, so the wait for the next tick goes on with interrupts off.
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
1:	hlt
	cmpl $2, ticks
	jb 1b
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
