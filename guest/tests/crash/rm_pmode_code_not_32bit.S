/* SPDX-License-Identifier: MIT */
/*
 * rm_pmode_code_not_32bit.S: the code descriptor has D=0, so the 32-bit code behind the far jump is decoded as
 * 16-bit code.
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
	ljmp $0x08, $protected
	.size _start, . - _start

	.code32
	.globl protected
	.type protected, @function
protected:
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %ss
	mov $0x7000, %esp
	movl $0x12345678, 0x8000
	ud2
	.size protected, . - protected

	.balign 8
gdt:
	.quad 0
	.quad 0x008f9b000000ffff
	.quad 0x00cf93000000ffff
gdtr:
	.word gdtr - gdt - 1
	.long gdt
	.section .note.GNU-stack, "", @progbits
