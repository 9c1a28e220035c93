/* SPDX-License-Identifier: MIT */
/*
 * code_overwritten.S: an array is filled backwards one page too far and overwrites the kernel's
 * code with 0x06, which is no instruction in 64-bit mode. The next call of that function: #UD.
 * Gates are empty: #GP, #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call victim
	call fill
	call victim
	hlt
END _start

FUNC fill
	std
	mov $table + 4095, %edi
	mov $8192, %ecx
	mov $0x06, %eax
	rep stosb
	cld
	ret
END fill

	/* The page before the table. */
	.balign 4096
FUNC victim
	mov $7, %eax
	ret
	.balign 4096
END victim

	.section .rodata
	OBJECT table, 4096
	.skip 4096
	END table
	.text
	GDT
	EMPTY_IDT
