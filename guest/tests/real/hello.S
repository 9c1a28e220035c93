/* SPDX-License-Identifier: MIT */
/*
 * hello.S: says hello. The boot header in front says how to start it, so `vmm hello.bin` is enough.
 */
#include "real.inc"

	.text
	.code16
	.globl header
header:
	.long VMM_FLAT_MAGIC_0, VMM_FLAT_MAGIC_1
	.long VMM_MODE_REAL, VMM_IRQCHIP_NONE
	.long header, 0, _start, 0, header, 0, 0, 0
	.quad 0, 0

	START
	mov $message, %si
	call put_text
	EXIT
END _start

	PUT_TEXT
message:
	.asciz "Hello from real mode\n"
