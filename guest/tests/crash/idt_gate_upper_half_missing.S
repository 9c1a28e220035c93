/* SPDX-License-Identifier: MIT */
/*
 * idt_gate_upper_half_missing.S: a kernel of the upper half fills its gates with 32 bits of the address,
 * and the third field of the offset stays 0. #PF goes to 0x802000xx, where nothing is mapped: #PF again,
 * whose frames run down from the stack over the code, until they come to unmapped memory: #DF, shutdown.
 */
#define HIGH_HALF
#include "crash.inc"

	ENTRY
	mov $stop, %rax
	mov $idt, %rdi
	mov $32, %ecx
1:	mov %ax, (%rdi)
	movw $KERNEL_CS, 2(%rdi)
	movw $0x8e00, 4(%rdi)
	mov %eax, %edx
	shr $16, %edx
	mov %dx, 6(%rdi)
	add $16, %rdi
	loop 1b
	LOAD_IDT
	mov $0x400000000000, %rbx
	call touch
	hlt
END _start

FUNC touch
	movl $1, (%rbx)
	ret
END touch

	STOP_HANDLER

	.data
	OBJECT idtr, 8
	.word 511
	.quad idt
	.bss
	OBJECT idt
	.skip 512
	END idt
