/* SPDX-License-Identifier: MIT */
/*
 * rm_pmode_no_far_jump.S: CR0.PE is set and the far jump forgotten: CS is that of real mode, so the 32-bit code runs as 16-bit
 * code. The last byte of mov %ax, (%edi) becomes pop %es, which takes the first bytes of the code, fa 31, for a selector.
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
	mov $0x10, %ax
	mov %ax, %ds
	mov %ax, %ss
	.size _start, . - _start

	.code32
	.globl protected
	.type protected, @function
protected:
	mov $0xb8000, %edi
	mov $0x0f41, %ax
	mov %ax, (%edi)
	mov $0x7c00, %esp
	hlt
	.size protected, . - protected

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
gdtr:
	.word gdtr - gdt - 1
	.long gdt
	.section .note.GNU-stack, "", @progbits
