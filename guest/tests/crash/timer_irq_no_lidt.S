/* SPDX-License-Identifier: MIT */
/*
 * timer_irq_no_lidt.S: the PIC is remapped and interrupts are on, but the kernel never executed lidt. Vector
 * 0x20 is beyond the IDT that it began with: #GP.
 */
#include "crash.inc"
#include "pic.inc"

	ENTRY
	PIC_INIT 0x20, 0x28
	PIT_START
	call wait_loop
	hlt
END _start

FUNC wait_loop
	sti
1:	pause
	jmp 1b
END wait_loop
