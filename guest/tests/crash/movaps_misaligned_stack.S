/* SPDX-License-Identifier: MIT */
/*
 * movaps_misaligned_stack.S: C code is called with RSP 16-byte aligned instead of 8 beyond: its
 * aligned SSE spill goes to an address that is 8 modulo 16: #GP(0). Gates are empty: #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	mov %cr0, %rax
	and $~(CR0_EM | CR0_TS), %eax
	mov %rax, %cr0
	mov %cr4, %rax
	or $(CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
	mov %rax, %cr4
	LOAD_GDT
	LOAD_IDT
	push %rax
	call spill
	hlt
END _start

/* As a compiler writes it: on entry RSP is 8 modulo 16. */
FUNC spill
	sub $24, %rsp
	movaps %xmm0, (%rsp)
	add $24, %rsp
	ret
END spill

	GDT
	EMPTY_IDT
