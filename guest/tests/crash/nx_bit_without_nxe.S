/* SPDX-License-Identifier: MIT */
/*
 * nx_bit_without_nxe.S: the PTE of a data page has bit 63 (no-execute), but EFER.NXE is 0, so the
 * bit is reserved: a plain write is a #PF with RSVD. Gates are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	mov $MSR_EFER, %ecx
	rdmsr
	and $~EFER_NXE, %eax
	wrmsr
	PTE data
	btsq $63, (%rax)
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	call store
	hlt
END _start

FUNC store
	movl $1, data
	ret
END store

	GDT
	EMPTY_IDT
	PAGE_TABLES
	.data
	OBJECT data, 4096
	.skip 4096
	END data
