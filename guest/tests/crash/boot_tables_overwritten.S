/* SPDX-License-Identifier: MIT */
/*
 * boot_tables_overwritten.S: the kernel still runs on the loader's page tables and descriptor
 * tables, at the top of RAM, and hands out that memory, which it was told is reserved: its last MiB
 * of RAM and what lies below it are cleared, from the top down. Everything that the CPU needs is
 * gone: #PF, #PF, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	std
	mov $0x7fffff8, %edi
	mov $0x200000 / 8, %ecx
	xor %eax, %eax
	call clear_top
	cld
	movl $1, 0x1000000
	hlt
END _start

FUNC clear_top
	rep stosq
	ret
END clear_top
