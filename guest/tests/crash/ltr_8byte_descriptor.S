/* SPDX-License-Identifier: MIT */
/*
 * ltr_8byte_descriptor.S: a GDT ported from 32 bits reserves 8 bytes for the TSS descriptor. In
 * long mode it has 16, so the next descriptor is read as its upper half: ltr raises #GP(0x28). No
 * gates: #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	lgdt short_gdtr
	LOAD_IDT
	call load_tr
	hlt
END _start

FUNC load_tr
	mov $tss, %rax
	mov %ax, short_gdt + 0x2a
	shr $16, %eax
	mov %al, short_gdt + 0x2c
	mov $0x28, %eax
	ltr %ax
	ret
END load_tr

	GDT
	EMPTY_IDT
	.data
	OBJECT short_gdt
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
	.quad 0x00cff3000000ffff
	.quad 0x00affb000000ffff
	.quad 0x0000890000000067
	.quad 0x00cffb000000ffff /* 0x30 user code32: taken for the upper half */
	END short_gdt
	OBJECT short_gdtr, 8
	.word short_gdtr - short_gdt - 1
	.quad short_gdt
