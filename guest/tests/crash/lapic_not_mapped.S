/* SPDX-License-Identifier: MIT */
/*
 * lapic_not_mapped.S: the kernel enables its local APIC through the spurious-vector register at
 * 0xfee000f0, which its page tables do not map: #PF. Gates are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	call lapic_init
	hlt
END _start

FUNC lapic_init
	mov $0xfee00000, %ebx
	movl $0x1ff, 0xf0(%rbx)
	ret
END lapic_init

	GDT
	EMPTY_IDT
	PAGE_TABLES
