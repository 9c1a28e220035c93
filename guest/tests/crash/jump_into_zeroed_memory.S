/* SPDX-License-Identifier: MIT */
/*
 * jump_into_zeroed_memory.S: the kernel calls a module that was never loaded: a page of zeros, each
 * pair of which is add %al,(%rax). RAX points to memory, so the CPU runs through the page to its
 * end and fetches from the next one, which is not mapped: #PF. Gates are empty: #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	PTE module_end
	movq $0, (%rax)
	mov $scratch, %eax
	call jump_module
	hlt
END _start

FUNC jump_module
	call module
after_jump_module:
	ret
END jump_module

	GDT
	EMPTY_IDT
	PAGE_TABLES
	.data
	OBJECT scratch, 8
	.quad 0
	END scratch
	.bss
	OBJECT module, 4096
	.skip 4096
	END module
	OBJECT module_end, 4096
	.skip 4096
	END module_end
