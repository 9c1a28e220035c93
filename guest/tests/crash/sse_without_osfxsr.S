/* SPDX-License-Identifier: MIT */
/*
 * sse_without_osfxsr.S: the compiler cleared a structure with an SSE store, but CR4.OSFXSR is 0:
 * #UD. Gates are empty: #GP, #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	mov %cr4, %rax
	and $~(CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
	mov %rax, %cr4
	LOAD_GDT
	LOAD_IDT
	mov $object, %ebx
	call clear_object
	hlt
END _start

FUNC clear_object
	movaps %xmm0, (%rbx)
	ret
END clear_object

	GDT
	EMPTY_IDT
	.data
	OBJECT object
	.skip 16
	END object
