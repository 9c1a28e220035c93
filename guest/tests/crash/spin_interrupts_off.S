/* SPDX-License-Identifier: MIT */
/*
 * spin_interrupts_off.S: the end of the kernel is a jump to itself with interrupts off.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	cli
	call hang
END _start

FUNC hang
	jmp hang
END hang

	GDT
