/* SPDX-License-Identifier: MIT */
/*
 * df_ist_entry_zero.S: a stack overflow into the guard page; the gate of #DF asks for IST1, but
 * nobody filled in TSS.IST1: it is 0, so the frame goes to 0xfffffffffffffff8, which is not mapped:
 * shutdown.
 */
#include "crash.inc"

	ENTRY_GUARD
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	call recurse
	hlt
END _start

FUNC recurse
	call recurse
	ret
END recurse

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop, ist=1
	GATE 14, stop
	IDT_END
	PAGE_TABLES
