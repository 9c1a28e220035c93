/* SPDX-License-Identifier: MIT */
/*
 * stack_overflow_guard_no_ist.S: endless recursion runs into the guard page below the stack. The
 * call's push is a #PF, and so is the push of its frame: #DF, which has no IST stack, so its frame
 * goes to the same page: shutdown.
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
	GATE 8, stop
	GATE 14, stop
	IDT_END
	PAGE_TABLES
