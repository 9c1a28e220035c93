/* SPDX-License-Identifier: MIT */
/*
 * p32_long_mode_no_idt.S: a boot stub enters 64-bit mode, has no IDT for it, and ud2 follows: #UD with
 * IDTR as the loader left it; shutdown.
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
	call do_ud2
	hlt
END long_start

FUNC do_ud2
	ud2
	ret
END do_ud2
