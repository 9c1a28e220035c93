/* SPDX-License-Identifier: MIT */
/*
 * rm_vectors.S: real mode: 1000 software interrupts, 1000 divisions by zero, each stepped over by
 * its handler in the interrupt vector table. Prints the line of guest_test.h and ends with status
 * 0, or 1 when the count is wrong.
 */
#include "guest_abi.h"

	.text
	.code16
	.globl _start
_start:
	cli
	xor %ax, %ax
	mov %ax, %ds
	mov %ax, %es
	mov %ax, %ss
	mov $0x7c00, %sp
	movw $divide_error, 0 * 4
	movw %ax, 0 * 4 + 2
	movw $software, 0x60 * 4
	movw %ax, 0x60 * 4 + 2
	mov $1000, %si
1:	int $0x60
	mov $1, %ax
	xor %cx, %cx
	xor %dx, %dx
	div %cx
	dec %si
	jnz 1b
	cmpl $0x03e803e8, counts
	jne bad
	mov $good_line, %si
	xor %ebx, %ebx
	jmp print
bad:	mov $bad_line, %si
	mov $1, %ebx
print:	mov $good_line - bad_line, %cx
	mov $VMM_PORT_DEBUGCON, %dx
	cld
	rep outsb
	mov %ebx, %eax
	mov $VMM_PORT_EXIT, %dx
	out %eax, %dx
	mov $VMM_PORT_DEBUG_EXIT, %dx
	out %eax, %dx
2:	hlt
	jmp 2b

/* A divide error returns to the instruction itself: div %cx has two bytes. */
divide_error:
	incw counts
	push %bp
	mov %sp, %bp
	addw $2, 2(%bp)
	pop %bp
	iret

software:
	incw counts + 2
	iret

counts:
	.word 0, 0
bad_line:
	.ascii "test: done 1 checks, 1 failed\n"
good_line:
	.ascii "test: done 1 checks, 0 failed\n"
	.section .note.GNU-stack, "", @progbits
