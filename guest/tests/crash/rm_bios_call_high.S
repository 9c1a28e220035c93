/* SPDX-License-Identifier: MIT */
/*
 * rm_bios_call_high.S: int 0x21: neither DOS nor a BIOS is here; that vector is beyond those of exceptions.
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
	call print
	hlt
	.size _start, . - _start

	.globl print
	.type print, @function
print:
	mov $0x09, %ah
	int $0x21
	ret
	.size print, . - print
	.section .note.GNU-stack, "", @progbits
