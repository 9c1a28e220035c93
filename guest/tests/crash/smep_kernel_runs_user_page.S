/* SPDX-License-Identifier: MIT */
/*
 * smep_kernel_runs_user_page.S: with CR4.SMEP the kernel calls a function in a page with the user
 * bit on all levels: the fetch is a #PF, protection. Gates are empty: #GP, #DF, shutdown. Ends with
 * status 77 on a CPU without SMEP.
 */
#include "crash.inc"

	ENTRY
	mov $7, %eax
	xor %ecx, %ecx
	cpuid
	bt $7, %ebx
	jnc no_smep
	PTE user_function
	orq $PTE_U, (%rax)
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	mov %cr4, %rax
	or $CR4_SMEP, %eax
	mov %rax, %cr4
	call run_callback
	hlt
no_smep:
	EXIT 77
END _start

FUNC run_callback
	mov $user_function, %eax
	call *%rax
	ret
END run_callback

	.balign 4096
FUNC user_function
	ret
	.balign 4096
END user_function

	GDT
	EMPTY_IDT
	PAGE_TABLES pml4e=7, pdpte=7, pde=7, pte=3
