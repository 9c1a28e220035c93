/* SPDX-License-Identifier: MIT */
/*
 * table_entry_virtual_address.S: the kernel thinks that it is linked at 0xffffffff80000000 and put the
 * next table's virtual address into the PML4 entry. Bits 47 and up are reserved, or no-execute,
 * there: the first fetch after mov to CR3 is a #PF with RSVD: shutdown.
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
	PAGE_TABLES pml4e=0xffffffff80000003
