/* SPDX-License-Identifier: MIT */
/*
 * efer_reserved_bit.S: the kernel sets reserved bits of EFER with wrmsr: #GP(0). Gates are empty:
 * #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call syscall_init
	hlt
END _start

FUNC syscall_init
	mov $MSR_EFER, %ecx
	rdmsr
	bts $31, %eax
	wrmsr
	ret
END syscall_init

	GDT
	EMPTY_IDT
