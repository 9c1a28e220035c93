/* SPDX-License-Identifier: MIT */
/*
 * pse_sse_without_osfxsr.S: a paged kernel of the upper half clears a structure with an SSE register, as a compiler for
 * x86-64 does, and CR4.OSFXSR is 0: #UD; gates are empty: #GP, #DF, shutdown.
 */
#define PSE32
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call clear_object
	hlt
END _start

FUNC clear_object
	pxor %xmm0, %xmm0
	movups %xmm0, object
	ret
END clear_object

	GDT
	EMPTY_IDT
	.bss
	OBJECT object
	.skip 16
	END object
