/* SPDX-License-Identifier: MIT */
/*
 * idt_base_unmapped_after_higher_half.S: a higher-half kernel drops the identity map, but IDTR (and
 * GDTR) still hold the low addresses from early boot. #UD; reading gate 6 is a #PF, reading gate 14
 * another: #DF, gate 8 is not mapped either: shutdown. CR2 walks along: IDTR.base + 16 * vector.
 */
#define HIGH_HALF
#include "crash.inc"

	ENTRY
	LOAD_CR3 early_pml4
	lgdt low_gdtr
	lidt low_idtr
	movq $0, pml4 /* the final tables have no identity map */
	LOAD_CR3
	call do_ud2
	hlt
END _start

FUNC do_ud2
	ud2
	ret
END do_ud2

	STOP_HANDLER
	GDT
	IDT
	.set vector, 0
	.rept 32
	GATE vector, stop
	.set vector, vector + 1
	.endr
	IDT_END

	.data
	OBJECT low_gdtr, 8
	.word gdtr - gdt - 1
	.quad gdt - VIRTUAL_BASE
	OBJECT low_idtr, 8
	.word 4095
	.quad idt - VIRTUAL_BASE

	PAGE_TABLES early_
	PAGE_TABLES
