/* SPDX-License-Identifier: MIT */
/*
 * idt_wiped_then_timer.S: the IDT in .bss is filled and loaded, .bss is cleared, and then interrupts are turned
 * on: the first tick finds no gate.
 */
#include "crash.inc"
#include "pic.inc"

	ENTRY
	LOAD_GDT
	call idt_init
	call clear_bss
	PIC_INIT 0x20, 0x28
	PIT_START
	call wait_loop
	hlt
END _start

FUNC idt_init
	mov $idt, %edi
	mov $48, %ecx
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

FUNC clear_bss
	mov $idt, %edi
	mov $bss_end, %ecx
	sub %edi, %ecx
	xor %eax, %eax
	rep stosb
	ret
END clear_bss

FUNC wait_loop
	sti
1:	pause
	jmp 1b
END wait_loop

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
