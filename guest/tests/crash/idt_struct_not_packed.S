/* SPDX-License-Identifier: MIT */
/*
 * idt_struct_not_packed.S: the C structure for lidt is not packed, so six bytes of padding lie between limit
 * and base. lidt takes them, and the low bytes of the base, for the base: 0x0000 twice and then
 * the low word of the address on top, which is not canonical: #GP.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	call idt_init
	hlt
END _start

FUNC idt_init
	lidt padded
	ret
END idt_init

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
	OBJECT padded
	.quad 4095
	.quad idt
	END padded
