/* SPDX-License-Identifier: MIT */
/*
 * p32_long_mode_no_far_jump.S: long mode is on, but CS was never loaded anew: the 64-bit code behind runs
 * in compatibility mode, and the null selector for SS is #GP(0).
 */
#include "crash32.inc"

	ENTRY
	LONG_MODE
END _start

	.code64
FUNC long_start
	xor %eax, %eax
	mov %eax, %ss
	hlt
	jmp long_start
END long_start
