/* SPDX-License-Identifier: MIT */
/*
 * p32_long_mode_code_32bit.S: the code segment of the GDT for long mode has D where L belongs, as that of
 * a 32-bit kernel: 64-bit code runs in compatibility mode, and the null selector for SS is #GP(0).
 */
#include "crash32.inc"

	ENTRY
	LONG_MODE code=0x00cf9b000000ffff
	ljmp $KERNEL_CS, $long_start
END _start

	.code64
FUNC long_start
	xor %eax, %eax
	mov %eax, %ss
	hlt
	jmp long_start
END long_start
