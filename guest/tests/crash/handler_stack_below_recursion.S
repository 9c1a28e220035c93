/* SPDX-License-Identifier: MIT */
/*
 * handler_stack_below_recursion.S: a recursion that has an end, deep in the kernel's stack, is interrupted
 * by an exception whose handler has a stack of its own, right below: there it reads a wrong address.
 * #PF has no gate: #GP, #DF likewise: shutdown. No stack has overflowed.
 */
#include "crash.inc"

	.bss
	OBJECT handler_stack, 4096
	.skip 4096
	END handler_stack
handler_stack_top:
	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov $20, %ecx
	call descend
	hlt
END _start

FUNC descend
	push %rbp
	mov %rsp, %rbp
	sub $16, %rsp
	dec %ecx
	jz 1f
	call descend
	leave
	ret
1:	ud2
	leave
	ret
END descend

FUNC ud_handler
	mov %rsp, %rbx
	mov $handler_stack_top - 256, %rsp
	push %rbx
	mov $0x60000000, %eax
	mov (%rax), %rax
	hlt
END ud_handler

	GDT
	IDT
	GATE 6, ud_handler
	IDT_END
