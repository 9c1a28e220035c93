/* SPDX-License-Identifier: MIT */
/*
 * p32_tss_ss0_null.S: the task-state segment has ESP0 but no SS0. User code executes hlt: #GP(0);
 * the switch to ring 0 wants SS0, a null selector: #TS(0); #GP then #TS make #DF, which needs the
 * same stack: shutdown.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS ss0=0
	LOAD_IDT
	push $USER_DS
	push $stack_top
	push $RFLAGS_FIXED
	push $USER_CS
	push $user_main
	iret
END _start

FUNC user_main
	hlt
	jmp user_main
END user_main

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 10, stop
	GATE 13, stop
	IDT_END
