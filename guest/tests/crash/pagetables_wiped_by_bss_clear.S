/* SPDX-License-Identifier: MIT */
/*
 * pagetables_wiped_by_bss_clear.S: boot code builds page tables in .bss and loads CR3; then the
 * kernel clears .bss, tables included. From now on every translation that the TLB does not hold
 * fails: #PF, #PF, #DF, shutdown; where exactly depends on the TLB.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	call build_tables
	LOAD_CR3 b_pml4
	call clear_bss
	call kernel_main
	hlt
END _start

FUNC build_tables
	movq $b_pdpt + 3, b_pml4
	movq $b_pd + 3, b_pdpt
	movq $0x000083, b_pd
	movq $0x200083, b_pd + 8
	movq $0x400083, b_pd + 16
	ret
END build_tables

FUNC clear_bss
	mov $b_pml4, %edi
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
	OBJECT b_pml4, 4096
	.skip 4096
	END b_pml4
	OBJECT b_pdpt, 4096
	.skip 4096
	END b_pdpt
	OBJECT b_pd, 4096
	.skip 4096
	END b_pd
