/* SPDX-License-Identifier: MIT */
/*
 * handler_returns_by_ret.S: the handler of #GP ends with ret: that takes the error code, 0x30, for the return
 * address. Page 0 is not mapped: #PF on the fetch, for which there is no gate.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	mov $0x30, %eax
	mov %eax, %ds
	hlt
END _start

FUNC gp_handler
	ret
END gp_handler

	GDT
	IDT
	GATE 13, gp_handler
	IDT_END
	PAGE_TABLES
