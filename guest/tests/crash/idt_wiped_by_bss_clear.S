/* SPDX-License-Identifier: MIT */
/*
 * idt_wiped_by_bss_clear.S: the IDT lies in .bss; the kernel fills it in, executes lidt, and then
 * clears .bss. The next page fault finds an empty gate 14: #GP, #DF, empty gate 8: shutdown. IDTR
 * still looks right.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	call idt_init
	call clear_bss
	mov $0x50000000, %ebx
	call touch
	hlt
END _start

FUNC idt_init
	mov $idt, %edi
	mov $32, %ecx
	mov $stop, %edx
1:	mov %dx, (%rdi)
	movw $KERNEL_CS, 2(%rdi)
	movw $0x8e00, 4(%rdi)
	movw $GATE_MIDDLE, 6(%rdi)
	add $16, %edi
	loop 1b
	lidt idtr
	ret
END idt_init

/* The stack lies in .bss too; only its unused part may be cleared. */
FUNC clear_bss
	mov $idt, %edi
	mov $bss_end, %ecx
	sub %edi, %ecx
	xor %eax, %eax
	rep stosb
	ret
END clear_bss

FUNC touch
	mov (%rbx), %rax
	ret
END touch

	STOP_HANDLER
	GDT
	.bss
	OBJECT idt, 4096
	.skip 4096
	END idt
	.data
	OBJECT idtr, 8
	.word 4095
	.quad idt
	PAGE_TABLES
