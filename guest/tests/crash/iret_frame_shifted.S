/* SPDX-License-Identifier: MIT */
/*
 * iret_frame_shifted.S: the handler of #UD, which has no error code, skips one all the same: iretq
 * sees the frame shifted by one field: RIP is the old CS, CS is RFLAGS: a selector for the LDT or
 * beyond the GDT: #GP. Gate 13 is empty: #DF, shutdown.
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
	pushq $RFLAGS_FIXED | RFLAGS_ZF | RFLAGS_PF
	popfq
	ud2
	ret
END do_ud2

FUNC ud_handler
	add $8, %rsp
	iretq
END ud_handler

	GDT
	IDT
	GATE 6, ud_handler
	IDT_END
