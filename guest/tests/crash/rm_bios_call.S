/* SPDX-License-Identifier: MIT */
/*
 * rm_bios_call.S: a boot sector calls the BIOS to print a character, int 0x10. There is no BIOS: vector 16 of
 * the table is the same as that of #MF.
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
	mov $0x0e41, %ax
	int $0x10
	ret
	.size print, . - print
	.section .note.GNU-stack, "", @progbits
