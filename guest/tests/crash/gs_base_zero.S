/* SPDX-License-Identifier: MIT */
/*
 * gs_base_zero.S: per-CPU data is reached through GS, but the system-call entry forgot swapgs: the
 * GS base is still the user's, 0. Reading gs:0x10 is a #PF at 0x10. Gates are empty: #GP, #DF,
 * shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	mov $MSR_KERNEL_GS_BASE, %ecx
	mov $per_cpu, %eax
	xor %edx, %edx
	wrmsr
	mov $MSR_GS_BASE, %ecx
	xor %eax, %eax
	wrmsr
	call current_task
	hlt
END _start

FUNC current_task
	mov %gs:0x10, %rax
	ret
END current_task

	GDT
	EMPTY_IDT
	PAGE_TABLES
	.data
	OBJECT per_cpu
	.skip 64
	END per_cpu
