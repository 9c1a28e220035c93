/* SPDX-License-Identifier: MIT */
/*
 * rm_pmode_selector_wrong.S: a boot sector goes to protected mode with a good GDT and jumps far with a selector
 * that the GDT does not have: #GP; IDTR is still the real-mode one.
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
	ljmp $0x18, $protected
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
