/* SPDX-License-Identifier: MIT */
/*
 * multiply.S: products of 16-bit numbers, which take 32 bits: DX:AX.
 */
#include "real.inc"

	START
	mov $pairs, %si
next:
	movzwl (%si), %eax
	call put_number
	PUT '*'
	movzwl 2(%si), %eax
	call put_number
	PUT '='
	mov (%si), %ax
	mulw 2(%si)
	shl $16, %edx
	movzwl %ax, %eax
	or %edx, %eax
	call put_number
	PUT '\n'
	add $4, %si
	cmp $pairs_end, %si
	jb next
	EXIT
END _start

	PUT_NUMBER
	.balign 2
pairs:
	.word 7, 8
	.word 0, 1234
	.word 300, 400
	.word 65535, 65535
pairs_end:
