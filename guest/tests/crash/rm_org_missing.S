/* SPDX-License-Identifier: MIT */
/*
 * rm_org_missing.S: a boot sector that was linked for address 0 and lies at 0x7c00. Its jumps and calls
 * are relative and work; lgdt reads elsewhere, so that the far jump finds no descriptor: #GP.
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
	ljmp $0x08, $protected
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
