/* SPDX-License-Identifier: MIT */
/*
 * p32_runs_64bit_code.S: a 64-bit kernel is entered in 32-bit protected mode: nobody switched to
 * long mode. Its bytes decode as something else: REX.W becomes dec %eax, a RIP-relative operand an
 * absolute address, and movabs leaves half of its constant to be run as instructions: ff ff is not
 * one: #UD. Gates are empty: #GP, #GP, #DF, shutdown.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call kernel_main
	hlt
END _start

	.code64
FUNC kernel_main
	movq $0x100000, 0x300000(%rip)
	movabs $0xffffffff80000000, %rax
	ret
END kernel_main
	.code32

	GDT
	EMPTY_IDT
