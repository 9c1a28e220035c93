/* SPDX-License-Identifier: MIT */
/*
 * rm_ivt_gate_garbage.S: protected mode is entered with IDTR still as in real mode (base 0, limit
 * 0x3ff): pairs of interrupt vectors, made zero here, are taken for gates. #UD; gate 6 is not a
 * gate: #GP, #GP, #DF, shutdown.
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
	xor %di, %di
	mov $0x200, %cx
	cld
	rep stosw
	lidt real_idtr
	lgdt gdtr
	mov %cr0, %eax
	or $CR0_PE, %al
	mov %eax, %cr0
	ljmp $0x08, $protected_mode

	.code32
protected_mode:
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %ss
	mov $0x7c00, %esp
	call do_ud2
	hlt

	.globl do_ud2
	.type do_ud2, @function
do_ud2:
	ud2
	ret
	.size do_ud2, . - do_ud2

	.balign 8
gdt:
	.quad 0
	.quad 0x00cf9b000000ffff
	.quad 0x00cf93000000ffff
gdtr:
	.word gdtr - gdt - 1
	.long gdt
real_idtr:
	.word 0x3ff
	.long 0
	.section .note.GNU-stack, "", @progbits
