/* SPDX-License-Identifier: MIT */
/*
 * p32_stack_not_mapped.S: paging is on and ESP points to a stack at 0x800ff000 that was never
 * mapped (PDE 512): the first push is a #PF, and there is no IDT to speak of: #GP, #DF, shutdown.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	ENABLE_PAGING
	jmp start_kernel
END _start

FUNC start_kernel
	mov $0x800ff000, %esp
	call kernel_main
	hlt
END start_kernel

FUNC kernel_main
	ret
END kernel_main

	GDT
	EMPTY_IDT
	PAGE_DIRECTORY
