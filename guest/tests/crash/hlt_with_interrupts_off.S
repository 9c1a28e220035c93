/* SPDX-License-Identifier: MIT */
/*
 * hlt_with_interrupts_off.S: the kernel waits for an event in hlt, but never turned interrupts on:
 * nothing can wake the CPU.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	call idle
END _start

FUNC idle
	cli
	hlt
	jmp idle
END idle

	GDT
