/* SPDX-License-Identifier: MIT */
/*
 * nm_task_switched.S: the kernel set CR0.TS to switch the FPU lazily and then uses SSE itself: #NM.
 * Gates are empty: #GP, #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	mov %cr4, %rax
	or $CR4_OSFXSR, %eax
	mov %rax, %cr4
	mov %cr0, %rax
	and $~CR0_EM, %eax
	or $CR0_TS, %eax
	mov %rax, %cr0
	LOAD_GDT
	LOAD_IDT
	mov $object, %ebx
	call clear_object
	hlt
END _start

FUNC clear_object
	movups %xmm0, (%rbx)
	ret
END clear_object

	GDT
	EMPTY_IDT
	.data
	OBJECT object
	.skip 16
	END object
