/* SPDX-License-Identifier: MIT */
/*
 * ret_without_pop.S: a function saves a register and returns without restoring it. What it pushed, no
 * canonical address, is taken for the return address: #GP has no gate, #DF neither: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	movabs $0x8877665544332211, %rbx
	call hash
	hlt
END _start

FUNC hash
	push %rbx
	xor %eax, %eax
	ret
END hash

	GDT
	EMPTY_IDT
