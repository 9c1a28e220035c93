/* SPDX-License-Identifier: MIT */
/*
 * idt_limit_zero.S: the kernel has loaded an IDT whose limit is 0 (it meant to fill it in later)
 * and divides by zero. #DE finds no gate: #GP; contributory after contributory: #DF; no gate:
 * shutdown.
 */
#include "crash.inc"

	ENTRY
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

	.data
	OBJECT idtr, 8
	.word 0
	.quad 0
