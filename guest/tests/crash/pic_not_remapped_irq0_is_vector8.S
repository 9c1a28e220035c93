/* SPDX-License-Identifier: MIT */
/*
 * pic_not_remapped_irq0_is_vector8.S: the PIC's base is 8, as PC firmware leaves it. The timer's
 * IRQ 0 arrives as vector 8, so the kernel's #DF handler runs, believes it and halts. There was no
 * exception at all.
 */
#include "crash.inc"
#include "pic.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
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

FUNC df_handler
	cli
	hlt
	jmp df_handler
END df_handler

	STOP_HANDLER
	GDT
	IDT
	GATE 8, df_handler
	GATE 13, stop
	GATE 14, stop
	IDT_END
