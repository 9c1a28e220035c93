/* SPDX-License-Identifier: MIT */
/*
 * idt_overwritten.S: a table that is filled beyond its end runs into the IDT behind it. Entries 0 to 15 are
 * no gates any more: #UD, #GP, #DF: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	call idt_init
	call table_init
	call do_ud2
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

FUNC table_init
	mov $table, %edi
	mov $16 + 32, %ecx
	mov $0x0101010101010101, %rax
	rep stosq
	ret
END table_init

FUNC do_ud2
	ud2
	ret
END do_ud2

	STOP_HANDLER
	GDT
	.bss
	OBJECT table
	.skip 16 * 8
	END table
	OBJECT idt, 16
	.skip 4096
	END idt
	.data
	OBJECT idtr, 8
	.word 4095
	.quad idt
	PAGE_TABLES
