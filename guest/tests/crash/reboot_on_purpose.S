/* SPDX-License-Identifier: MIT */
/*
 * reboot_on_purpose.S: not a bug: the kernel reboots the old way, by loading an IDT with limit 0
 * and raising an exception. #UD, #GP, #DF, shutdown; lidt stands right before it.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	call reboot
	hlt
END _start

FUNC reboot
	lidt no_idtr
	ud2
END reboot

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
	OBJECT no_idtr, 8
	.word 0
	.quad 0
	END no_idtr
