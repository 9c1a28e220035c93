/* SPDX-License-Identifier: MIT */
/*
 * panic_reported.S: the kernel notices by itself that something is wrong, says so on the console,
 * and reports a panic through pvpanic.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	call panic
END _start

FUNC panic
	mov $message, %esi
	mov $VMM_PORT_DEBUGCON, %edx
	mov $message_end - message, %ecx
	rep outsb
	mov $VMM_PORT_PVPANIC, %edx
	mov $1, %eax
	out %al, %dx
1:	hlt
	jmp 1b
END panic

	GDT
	.section .rodata
	OBJECT message, 1
	.ascii "panic: no init found\n"
message_end:
	END message
