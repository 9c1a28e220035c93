/* SPDX-License-Identifier: MIT */
/*
 * cr4_reserved_bit.S: the kernel sets bit 30 of CR4, which no CPU has: #GP(0). Gates are empty:
 * #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call cpu_init
	hlt
END _start

FUNC cpu_init
	mov %cr4, %rax
	bts $30, %rax
	mov %rax, %cr4
	ret
END cpu_init

	GDT
	EMPTY_IDT
