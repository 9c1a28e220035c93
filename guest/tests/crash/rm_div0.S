/* SPDX-License-Identifier: MIT */
/*
 * rm_div0.S: a division by zero in real mode, where the vector table has nothing of the guest's own.
 */
	.text
	.code16
	.globl _start
	.type _start, @function
_start:
	cli
	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %ss
	mov $0x7c00, %sp
	xor %dx, %dx
	xor %cx, %cx
	call divide
	hlt
	.size _start, . - _start

	.globl divide
	.type divide, @function
divide:
	div %cx
	ret
	.size divide, . - divide
	.section .note.GNU-stack, "", @progbits
