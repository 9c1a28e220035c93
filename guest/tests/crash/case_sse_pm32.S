/* SPDX-License-Identifier: MIT */
/*
 * case_sse_pm32.S: a 32-bit kernel compiled for an architecture level that has SSE2: the compiler
 * clears a structure with an SSE register. CR4.OSFXSR is 0: #UD. Gates are empty: #GP, #GP, #DF,
 * shutdown. On AMD, where KVM resets the registers at a shutdown, it looked as if the kernel had
 * never run one instruction.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov %cr4, %eax
	and $~(CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
	mov %eax, %cr4
	call kernel_main
	hlt
END _start

	GDT
	EMPTY_IDT
