/* SPDX-License-Identifier: MIT */
/*
 * idt_base_wrong.S: lidt gets the address of a pointer to the IDT instead of the IDT. Entry 6 there is
 * no gate: #GP, entry 13 neither, #DF likewise: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	movq $idt_pointer, idtr + 2
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
	GATE vector, stop
	.set vector, vector + 1
	.endr
	IDT_END
	.data
	OBJECT idt_pointer
	.quad idt
	.skip 4096
	END idt_pointer
