/* SPDX-License-Identifier: MIT */
/*
 * p32_bss_clear_wipes_page_directory.S: the page directory lies in .bss; boot code fills it in and
 * turns paging on, then the kernel clears .bss. The next access outside the TLB is a #PF, and so is
 * everything after it: shutdown; where exactly depends on the TLB.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov %cr4, %eax
	or $CR4_PSE, %eax
	mov %eax, %cr4
	movl $0x000083, bss_pgdir
	movl $0x400083, bss_pgdir + 4
	ENABLE_PAGING bss_pgdir
	call clear_bss
	call kernel_main
	hlt
END _start

FUNC clear_bss
	mov $bss_pgdir, %edi
	mov $bss_end, %ecx
	sub %edi, %ecx
	xor %eax, %eax
	rep stosb
	ret
END clear_bss

FUNC kernel_main
	movl $1, 0x400000
	ret
END kernel_main

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 13, stop
	GATE 14, stop
	IDT_END
	.bss
	OBJECT bss_pgdir, 4096
	.skip 4096
	END bss_pgdir
