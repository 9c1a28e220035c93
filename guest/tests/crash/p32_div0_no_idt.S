/* SPDX-License-Identifier: MIT */
/*
 * p32_div0_no_idt.S: a division by zero in 32-bit code with an IDT of limit 0: #DE, #GP, #DF,
 * shutdown.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov $100, %eax
	xor %edx, %edx
	xor %ecx, %ecx
	call divide
	hlt
END _start

FUNC divide
	div %ecx
	ret
END divide

	GDT
	.data
	OBJECT idtr, 8
	.word 0
	.long 0
