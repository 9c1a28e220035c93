/* SPDX-License-Identifier: MIT */
/*
 * rm_org_missing_div0.S: linked for address 0 too, and nothing in it minds: what kills it is the division.
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
