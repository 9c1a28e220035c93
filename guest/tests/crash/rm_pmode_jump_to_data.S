/* SPDX-License-Identifier: MIT */
/*
 * rm_pmode_jump_to_data.S: the same, and the far jump names the data segment.
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
	lgdt gdtr
	mov %cr0, %eax
	or $1, %al
	mov %eax, %cr0
	call far_jump
	hlt
	.size _start, . - _start

	.globl far_jump
	.type far_jump, @function
far_jump:
	ljmp $0x10, $protected
	.size far_jump, . - far_jump

	.code32
protected:
	hlt
	jmp protected

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
gdtr:
	.word gdtr - gdt - 1
	.long gdt
	.section .note.GNU-stack, "", @progbits
