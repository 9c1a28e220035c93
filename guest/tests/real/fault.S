/* SPDX-License-Identifier: MIT */
/*
 * fault.S: divides by zero and has set no vector for it.
 */
#include "real.inc"

	START
	PUT '\n'
	mov $100, %ax
	xor %dx, %dx
	call divide
	EXIT
END _start

FUNC divide
	xor %cx, %cx
	div %cx
	ret
END divide
