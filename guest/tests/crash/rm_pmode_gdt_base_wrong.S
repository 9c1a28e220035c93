/* SPDX-License-Identifier: MIT */
/*
 * rm_pmode_gdt_base_wrong.S: a boot sector computes the GDT's base as 0x6000 + offset instead of
 * 0x7c00 + offset. lgdt takes it; the far jump after setting PE finds an empty descriptor 0x08:
 * #GP(8). The IDT has limit 0: #DF, shutdown.
 */
#include "x86.h"

	.text
	.code16
	.globl _start
	.type _start, @function
_start:
	cli
	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %ss
	mov $0x7c00, %sp
	mov $0x6000, %di
	mov $0x100, %cx
	cld
	rep stosw
	lidt no_idtr
	lgdt gdtr
	mov %cr0, %eax
	or $CR0_PE, %al
	mov %eax, %cr0
	.globl far_jump
	.type far_jump, @function
far_jump:
	ljmp $0x08, $protected_mode
	.size far_jump, . - far_jump

	.code32
protected_mode:
	hlt
	jmp protected_mode

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
gdtr:
	.word gdtr - gdt - 1
	.long gdt - _start + 0x6000
no_idtr:
	.word 0
	.long 0
	.section .note.GNU-stack, "", @progbits
