/* SPDX-License-Identifier: MIT */
/*
 * idt_gate_selector_is_data.S: the gates name selector 0x10, the data segment, as their code
 * segment. #DE; the selector is not code: #GP(0x10); the same for #DF: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov $1, %eax
	xor %edx, %edx
	xor %ecx, %ecx
	call divide
	hlt
END _start

FUNC divide
	div %ecx
	ret
END divide

	STOP_HANDLER
	GDT
	IDT
	.set vector, 0
	.rept 32
	GATE vector, stop, selector=KERNEL_DS
	.set vector, vector + 1
	.endr
	IDT_END
