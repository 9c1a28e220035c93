/* SPDX-License-Identifier: MIT */
/*
 * case_malloc_bss.S: a kernel at 1 MiB with 1 MiB of .bss whose boot code maps the first 2 MiB,
 * "enough for the kernel". malloc's first write to a global, which lies behind the big array, is a
 * #PF, while code, stack and reads of other globals work. Gates are empty: #GP, #DF, shutdown. It
 * was taken for "writes need paging".
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	call kernel_main
	hlt
END _start

	GDT
	EMPTY_IDT
	.data
	OBJECT pml4, 4096
	.quad pdpt + 3
	.org pml4 + 4096
	END pml4
	OBJECT pdpt, 4096
	.quad pd + 3
	.org pdpt + 4096
	END pdpt
	OBJECT pd, 4096
	.quad 0x83
	.org pd + 4096
	END pd
