/* SPDX-License-Identifier: MIT */
/*
 * eoi_missing_poll.S: the timer's handler sends no EOI, and the kernel waits for three ticks in a loop, not in hlt.
 */
#include "crash.inc"
#include "pic.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	PIC_INIT 0x20, 0x28
	PIT_START
	sti
	call sleep
	EXIT 0
END _start

FUNC sleep
	pause
	cmpl $3, ticks
	jb sleep
	ret
END sleep

FUNC timer_handler
	incl ticks
	iretq
END timer_handler

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 13, stop
	GATE 14, stop
	GATE 0x20, timer_handler
	IDT_END
	.data
	OBJECT ticks, 4
	.long 0
	END ticks
