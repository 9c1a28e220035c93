/* SPDX-License-Identifier: MIT */
/*
 * lidt_of_table.S: lidt gets the address of the table and not of the structure with limit and base: IDTR is
 * the first ten bytes of gate 0, whose limit has no room for gate 6: #UD, #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	lidt idt
	call do_ud2
	hlt
END _start

FUNC do_ud2
	ud2
	ret
END do_ud2

	STOP_HANDLER
	GDT
	IDT
	.set vector, 0
	.rept 32
	GATE vector, stop
	.set vector, vector + 1
	.endr
	IDT_END
