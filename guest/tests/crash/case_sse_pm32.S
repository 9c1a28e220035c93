/* SPDX-License-Identifier: MIT */
/*
 * case_sse_pm32.S: a 32-bit kernel compiled for an architecture level that has SSE2: the compiler
 * clears a structure with an SSE register. CR4.OSFXSR is 0: #UD. Gates are empty: #GP, #GP, #DF,
 * shutdown. On AMD, where KVM resets the registers at a shutdown, it looked as if the kernel had
 * never run one instruction. Compiled without vector registers (healthy/case_sse_pm32), it lives.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov %cr4, %eax
	and $~(CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
	mov %eax, %cr4
	call kernel_main
	mov $alive, %esi
	mov $alive_end - alive, %ecx
	mov $VMM_PORT_DEBUGCON, %edx
	rep outsb
	xor %eax, %eax
	mov $VMM_PORT_EXIT, %edx
	out %eax, %dx
	hlt
END _start

	.data
	OBJECT alive, 1
	.ascii "test: done 1 checks, 0 failed\n"
alive_end:
	END alive

	GDT
	EMPTY_IDT
