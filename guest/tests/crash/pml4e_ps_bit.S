/* SPDX-License-Identifier: MIT */
/*
 * pml4e_ps_bit.S: the flags of a 2 MiB page (0x83) went into every level. Bit 7 is reserved in a
 * PML4 entry: the first fetch after mov to CR3 is a #PF with RSVD, like every access after it:
 * shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call enable_tables
	hlt
END _start

FUNC enable_tables
	LOAD_CR3
	ret
END enable_tables

	GDT
	EMPTY_IDT
	PAGE_TABLES pml4e=0x83
