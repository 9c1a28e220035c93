/* SPDX-License-Identifier: MIT */
/*
 * gdt_code_segment_not_long.S: the code descriptor has D=1, L=0, as in a 32-bit kernel. After the
 * far return the CPU is in compatibility mode and decodes 64-bit code as 32-bit: REX.W is dec %eax,
 * and the displacement of a RIP-relative operand becomes an absolute address, here 0x1000, which is
 * not mapped: #PF. Gates are empty: #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	movl $0x00cf9b00, gdt + 0x0c
	LOAD_GDT
	LOAD_IDT
	pushq $KERNEL_CS
	pushq $kernel_main
	lretq
END _start

FUNC kernel_main
	movq $1, 0x1000(%rip)
	hlt
END kernel_main

	GDT
	EMPTY_IDT
	PAGE_TABLES
