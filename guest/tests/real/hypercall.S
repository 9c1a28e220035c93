/* SPDX-License-Identifier: MIT */
/*
 * hypercall.S: the byte hypercalls: prints by 1, asks for characters by 2 and gives each back in
 * brackets until there is none, ends by 0.
 */
#include "real.inc"

	START
	mov $VMM_PORT_HYPERCALL, %dx
	mov $message, %si
say:
	lodsb
	mov %al, %bl
	test %al, %al
	jz ask
	call put_char
	jmp say
ask:
	mov $VMM_HC_GETCHAR, %al
	out %al, %dx
	in %dx, %al
	cmp $0xff, %al
	je done
	mov %al, %bh
	mov $'[', %bl
	call put_char
	mov %bh, %bl
	call put_char
	mov $']', %bl
	call put_char
	cmp $'.', %bh
	jne ask
done:
	mov $'\n', %bl
	call put_char
	mov $VMM_HC_EXIT, %al
	out %al, %dx
1:	hlt
	jmp 1b
END _start

FUNC put_char
	mov $VMM_HC_PUTCHAR, %al
	out %al, %dx
	ret
END put_char

message:
	.asciz "hypercalls "
