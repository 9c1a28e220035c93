/* SPDX-License-Identifier: MIT */
/*
 * rm_idt_limit_zero.S: a boot sector executes lidt with limit 0 while still in real mode, where
 * IDTR says where the interrupt vectors are; then it divides by zero: vector 0 is beyond the limit:
 * #GP, beyond it too: #DF, shutdown.
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
	lidt no_idtr
	mov $100, %ax
	xor %dx, %dx
	xor %cx, %cx
	call divide
	hlt

	.globl divide
	.type divide, @function
divide:
	div %cx
	ret
	.size divide, . - divide

	.balign 8
no_idtr:
	.word 0
	.long 0
	.section .note.GNU-stack, "", @progbits
