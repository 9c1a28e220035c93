/* SPDX-License-Identifier: MIT */
/*
 * iret_32bit_in_long_mode.S: the handler ends with iret instead of iretq: 32-bit operands. EIP is
 * the low half of RIP, CS its high half, 0: a null selector: #GP(0). Gate 13 is empty: #DF,
 * shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS
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
	iretl
END ud_handler

	GDT
	IDT
	GATE 6, ud_handler
	IDT_END
