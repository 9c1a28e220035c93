/* SPDX-License-Identifier: MIT */
/*
 * call_null_zeros_fault.S: the same with RAX pointing nowhere, so that the first of the zeros faults, add %al to
 * the byte at RAX.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov $0x7000000000, %rax
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
