/* SPDX-License-Identifier: MIT */
/*
 * cr3_process_no_kernel_text.S: the new process's PML4 was zeroed and never got the kernel's
 * entries. The instruction after mov to CR3 cannot be fetched: #PF; the IDT cannot be read: #PF,
 * #DF, #PF: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	call switch_to
	hlt
END _start

FUNC switch_to
	LOAD_CR3 process_pml4
	ret
END switch_to

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 14, stop
	IDT_END
	PAGE_TABLES
	.bss
	OBJECT process_pml4, 4096
	.skip 4096
	END process_pml4
