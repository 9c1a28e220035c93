/* SPDX-License-Identifier: MIT */
/*
 * p32_first_4mb_only.S: the boot code's page directory maps 0 to 4 MiB; the kernel writes to
 * 0x800000: #PF (PDE 2 not present). Gates are empty: #GP, #DF, shutdown.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	ENABLE_PAGING
	call memory_init
	hlt
END _start

FUNC memory_init
	movl $0, 0x800000
	ret
END memory_init

	GDT
	EMPTY_IDT
	PAGE_DIRECTORY
