/* SPDX-License-Identifier: MIT */
/*
 * stack_frame_over_code.S: a function with a local array of 32 KiB on a stack of 4 KiB, and it fills the array, from below up: the
 * kernel's code is in it. The first byte of the loop becomes a nop, and what follows in its place is ret $0xc88, which nobody
 * wrote: #GP at an address that the array has, too.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call checksum
	jmp _start
END _start

FUNC checksum
	sub $0x8000, %rsp
	mov $0x90, %ecx
	xor %eax, %eax
1:	mov %eax, %edx
	mov %cl, (%rsp, %rdx)
	add $1, %eax
	cmp $0x8000, %eax
	jne 1b
	add $0x8000, %rsp
	ret
END checksum

	GDT
	EMPTY_IDT
