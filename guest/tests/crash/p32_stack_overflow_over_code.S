/* SPDX-License-Identifier: MIT */
/*
 * p32_stack_overflow_over_code.S: an endless recursion without a guard page in 32-bit mode, where paging is
 * off: it grows over .data and .text until it has overwritten the function that recurses.
 */
#include "crash32.inc"

	ENTRY
	call recurse
	hlt
END _start

FUNC recurse
	push %ebp
	mov %esp, %ebp
	sub $16, %esp
	call recurse
	leave
	ret
END recurse

	.data
	OBJECT settings, 4096
	.skip 4096
	END settings
