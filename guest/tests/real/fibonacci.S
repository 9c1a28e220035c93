/* SPDX-License-Identifier: MIT */
/*
 * fibonacci.S: the Fibonacci numbers of 16 bits, up to the one that overflows.
 */
#include "real.inc"

	START
	xor %si, %si
	mov $1, %di
next:
	movzwl %si, %eax
	call put_number
	PUT ' '
	xchg %si, %di
	add %si, %di
	jnc next
	movzwl %si, %eax
	call put_number
	PUT '\n'
	EXIT
END _start

	PUT_NUMBER
