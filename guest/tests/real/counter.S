/* SPDX-License-Identifier: MIT */
/*
 * counter.S: counts from 0 to 9.
 */
#include "real.inc"

	START
	mov $'0', %bl
count:
	mov %bl, %al
	out %al, $VMM_PORT_DEBUGCON
	PUT '\n'
	inc %bl
	cmp $'9', %bl
	jbe count
	EXIT
END _start
