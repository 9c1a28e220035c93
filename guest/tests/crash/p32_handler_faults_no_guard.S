/* SPDX-License-Identifier: MIT */
/*
 * p32_handler_faults_no_guard.S: the handler of #UD executes ud2 itself, again and again, on a stack without a
 * guard page: the frames grow over .data and, at last, over the handler.
 */
#include "crash32.inc"

	ENTRY

	LOAD_GDT
	LOAD_IDT
	call do_ud2
	hlt
END _start

FUNC do_ud2
	ud2
	ret
END do_ud2

FUNC ud_handler
	ud2
	hlt
END ud_handler

	STOP_HANDLER
	GDT
	IDT
	GATE 6, ud_handler
	GATE 8, stop
	GATE 13, stop
	GATE 14, stop
	IDT_END

