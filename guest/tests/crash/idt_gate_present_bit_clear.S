/* SPDX-License-Identifier: MIT */
/*
 * idt_gate_present_bit_clear.S: every gate was written with type 0x0e instead of 0x8e, so P is 0.
 * #UD is benign, so the #NP that its delivery raises stands alone; delivering that raises #NP
 * again: #DF, gate not present: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
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
	GATE vector, stop, 0x0e
	.set vector, vector + 1
	.endr
	IDT_END
