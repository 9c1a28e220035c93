/* SPDX-License-Identifier: MIT */
/*
 * process_pml4_lacks_late_entry.S: a process's PML4 was copied from the kernel's; later the kernel
 * mapped a new region in another slot (300). In the kernel's own tables it works, in the process's
 * the slot is empty: #PF. Gates are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

#define LATE 0xffff960000000000

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	movq $pdpt + 3, pml4 + 300 * 8
	mov $LATE + 0x400000, %rbx
	mov (%rbx), %rax
	LOAD_CR3 process_pml4
	call kernel_service
	hlt
END _start

FUNC kernel_service
	mov (%rbx), %rax
	ret
END kernel_service

	GDT
	EMPTY_IDT
	PAGE_TABLES
	.data
	OBJECT process_pml4, 4096
	.quad pdpt + 3
	.org process_pml4 + 4096
	END process_pml4
