/* SPDX-License-Identifier: MIT */
/*
 * p32_long_mode_jump_to_data.S: the far jump to 64-bit code names the data segment: #GP(0x10), in
 * compatibility mode still and with no IDT for long mode.
 */
#include "crash32.inc"

	ENTRY
	LONG_MODE
	call far_jump
END _start

FUNC far_jump
	ljmp $KERNEL_DS, $long_start
END far_jump

	.code64
FUNC long_start
	hlt
	jmp long_start
END long_start
