/* SPDX-License-Identifier: MIT */
/*
 * pic_not_remapped_no_lidt.S: interrupts are on, the PIC has the base 8 and the kernel no IDT. The timer's IRQ
 * 0 arrives as vector 8 and no double fault has happened.
 */
#include "crash.inc"
#include "pic.inc"

	ENTRY
	PIC_INIT 0x08, 0x70
	PIT_START
	call wait_loop
	hlt
END _start

FUNC wait_loop
	sti
1:	pause
	jmp 1b
END wait_loop
