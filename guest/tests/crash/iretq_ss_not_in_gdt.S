/* SPDX-License-Identifier: MIT */
/*
 * iretq_ss_not_in_gdt.S: the kernel's own GDT has only a code descriptor; SS still holds 0x10 from
 * the boot GDT. Nothing happens until the first exception returns: iretq reloads SS=0x10, beyond
 * the limit: #GP(0x10). No gate 13: #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	lgdt code_only_gdtr
	LOAD_IDT
	call do_ud2
	hlt
END _start

FUNC do_ud2
	ud2
	ret
END do_ud2

FUNC ud_handler
	addq $2, (%rsp)
	iretq
END ud_handler

	IDT
	GATE 6, ud_handler
	IDT_END
	.data
	OBJECT code_only_gdt
	.quad 0
	.quad 0x00af9b000000ffff
	END code_only_gdt
	OBJECT code_only_gdtr, 8
	.word code_only_gdtr - code_only_gdt - 1
	.quad code_only_gdt
