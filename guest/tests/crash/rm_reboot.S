/* SPDX-License-Identifier: MIT */
/*
 * rm_reboot.S: the reboot of old: a far jump to FFFF:0000, where a PC has its BIOS. There is only memory full of
 * zeros.
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
	ljmp $0xffff, $0
	.size _start, . - _start
	.section .note.GNU-stack, "", @progbits
