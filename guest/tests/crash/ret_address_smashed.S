/* SPDX-License-Identifier: MIT */
/*
 * ret_address_smashed.S: a name is copied into a local array without a bound and overwrites the
 * return address with letters: the address that ret pops, 0x4141414141414141, is not canonical:
 * #GP(0). Gates are empty: #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov $name, %esi
	call victim
	hlt
END _start

FUNC victim
	push %rbp
	mov %rsp, %rbp
	sub $16, %rsp
	mov %rsp, %rdi
1:	lodsb
	stosb
	test %al, %al
	jnz 1b
	leave
victim_ret:
	ret
END victim

	GDT
	EMPTY_IDT
	.section .rodata
	OBJECT name, 1
	.rept 40
	.byte 'A'
	.endr
	.byte 0
	END name
