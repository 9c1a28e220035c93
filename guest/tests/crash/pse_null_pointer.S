/* SPDX-License-Identifier: MIT */
/*
 * pse_null_pointer.S: the kernel lives in the upper half and has taken the page at 0 out of the directory, so a read of
 * a null pointer's field is a #PF; there are no gates yet: #GP, #DF, shutdown.
 */
#define PSE32
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov %cr3, %ebx
	movl $0, (%ebx)
	mov %ebx, %cr3
	xor %eax, %eax
	call task_name
	hlt
END _start

FUNC task_name
	mov 0x18(%eax), %edx
	ret
END task_name

	GDT
	EMPTY_IDT
