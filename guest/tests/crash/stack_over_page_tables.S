/* SPDX-License-Identifier: MIT */
/*
 * stack_over_page_tables.S: RSP is loaded with the beginning of the stack, not its end, and the page tables
 * lie below it. A local buffer lies in the page table in use: the entry of the code's own page becomes 0,
 * #PF at the next fetch from it. The loader's IDT is not mapped: #DF, shutdown.
 */
#include "crash.inc"

	.text
FUNC _start
	cld
	LOAD_CR3
	mov $stack, %rsp
	call kernel_main
	hlt
END _start

FUNC kernel_main
	sub $4072, %rsp
	movq $0, (%rsp) /* pt[2] */
	invlpg touch
	call touch
	add $4072, %rsp
	ret
END kernel_main

	.balign 8192
FUNC touch
	mov $1, %eax
	mov $2, %eax
	ret
END touch

	PAGE_TABLES
	.data
	OBJECT stack, 4096
	.skip 4096
	END stack
