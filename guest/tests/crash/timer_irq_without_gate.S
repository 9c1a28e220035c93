/* SPDX-License-Identifier: MIT */
/*
 * timer_irq_without_gate.S: the PIC is remapped, the timer runs, interrupts are on, but IDT entry
 * 0x20 is empty. The first tick at wait_loop cannot be delivered: #GP; entry 13 is empty: #GP, #DF,
 * shutdown.
 */
#include "crash.inc"
#include "pic.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
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

	GDT
	EMPTY_IDT
