/* SPDX-License-Identifier: MIT */
/*
 * stack_overflow_over_code.S: an endless recursion on a stack without a guard page: it grows over .data and
 * .text until it has overwritten the function that recurses.
 */
#include "crash.inc"

	ENTRY
	call recurse
	hlt
END _start

FUNC recurse
	push %rbp
	mov %rsp, %rbp
	sub $32, %rsp
	call recurse
	leave
	ret
END recurse

	.data
	OBJECT settings, 4096
	.skip 4096
	END settings
