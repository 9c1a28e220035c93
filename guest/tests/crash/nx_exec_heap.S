/* SPDX-License-Identifier: MIT */
/*
 * nx_exec_heap.S: code was generated on the heap, whose page is no-execute: the call's fetch is a
 * #PF with error 0x11. Gates are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	mov $MSR_EFER, %ecx
	rdmsr
	or $EFER_NXE, %eax
	wrmsr
	PTE heap
	btsq $63, (%rax)
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	call call_jit
	hlt
END _start

FUNC call_jit
	movb $0xc3, heap
	mov $heap, %eax
	call *%rax
	ret
END call_jit

	GDT
	EMPTY_IDT
	PAGE_TABLES
	.data
	OBJECT heap, 4096
	.skip 4096
	END heap
