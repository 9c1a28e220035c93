/* SPDX-License-Identifier: MIT */
/*
 * smap_kernel_reads_user_page.S: with CR4.SMAP and EFLAGS.AC=0 the kernel reads a user page without
 * stac: #PF, protection. Gates are empty: #GP, #DF, shutdown. Ends with status 77 on a CPU without
 * SMAP.
 */
#include "crash.inc"

	ENTRY
	mov $7, %eax
	xor %ecx, %ecx
	cpuid
	bt $20, %ebx
	jnc no_smap
	PTE user_buffer
	orq $PTE_U, (%rax)
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	mov %cr4, %rax
	or $CR4_SMAP, %eax
	mov %rax, %cr4
	call copy_from_user
	hlt
no_smap:
	EXIT 77
END _start

FUNC copy_from_user
	mov user_buffer, %eax
	ret
END copy_from_user

	GDT
	EMPTY_IDT
	PAGE_TABLES pml4e=7, pdpte=7, pde=7, pte=3
	.data
	OBJECT user_buffer, 4096
	.skip 4096
	END user_buffer
