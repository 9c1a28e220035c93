/* SPDX-License-Identifier: MIT */
/*
 * code_not_long_boot_idt.S: the new GDT has a code segment with L=0, CS is loaded from it, and the kernel has no IDT
 * of its own: the CPU runs 64-bit code as 32-bit code.
 */
#include "crash.inc"

	ENTRY
	movb $0xcf, gdt + 0x0e
	LOAD_GDT
	pushq $KERNEL_CS
	pushq $kernel_main
	lretq
END _start

FUNC kernel_main
	movl $1, 0x40000000(%rip)
	mov $0x1000, %rdi
	mov %rdi, %rax
	hlt
END kernel_main

	GDT
