/* SPDX-License-Identifier: MIT */
/*
 * call_null_zeros_header.S: the same in an image that lies low: the CPU runs through all the zeros below it into what
 * stands before its code, which is none: #UD there.
 */
#include "crash.inc"

	.quad -1
	ENTRY
	LOAD_GDT
	LOAD_IDT
	xor %eax, %eax
	call use_driver
	hlt
END _start

FUNC use_driver
	call *ops
	ret
END use_driver

	GDT
	EMPTY_IDT
	.bss
	OBJECT ops
	.quad 0
	END ops
