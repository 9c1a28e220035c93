/* SPDX-License-Identifier: MIT */
/*
 * p32_long_mode_page_fault.S: the same stub, and its 64-bit code writes beyond what it has mapped: #PF,
 * and no IDT for long mode.
 */
#include "crash32.inc"

	ENTRY
	LONG_MODE
	ljmp $KERNEL_CS, $long_start
END _start

	.code64
FUNC long_start
	xor %eax, %eax
	mov %eax, %ss
	mov $stack_top, %esp
	call touch
	hlt
END long_start

FUNC touch
	movl $1, 0x40000000
	ret
END touch
