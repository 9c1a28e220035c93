/* SPDX-License-Identifier: MIT */
/*
 * p32_gdt_struct_not_packed.S: lgdt of a structure that a compiler has padded: the base is the low half of the GDT's address,
 * shifted by 16 bits. There is no RAM there, and no descriptor for the far jump.
 */
#include "crash32.inc"

	ENTRY
	LOAD_IDT
	call gdt_init
	hlt
END _start

FUNC gdt_init
	lgdt padded
	ljmp $KERNEL_CS, $1f
1:	ret
END gdt_init

	GDT
	EMPTY_IDT
	.data
	OBJECT padded, 8
	.word 0x17
	.word 0
	.long gdt
	END padded
