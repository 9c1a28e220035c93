/* SPDX-License-Identifier: MIT */
/*
 * apic_timer_without_gate.S: the local APIC's timer, vector 0x30, was left running when interrupts
 * were turned on; there is no gate 0x30: #GP; entry 13 is empty: #GP, #DF, shutdown.
 */
#include "crash.inc"
#include "pic.inc"

	ENTRY
	movq $apic_pd + 3, pdpt + 3 * 8
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	OUTB 0x21, 0xff
	OUTB 0xa1, 0xff
	mov $0xfee00000, %ebx
	movl $0x1ff, 0xf0(%rbx)  /* enable, spurious vector 0xff */
	movl $0xb, 0x3e0(%rbx)   /* divide by 1 */
	movl $0x30, 0x320(%rbx)  /* one shot, vector 0x30 */
	movl $10000, 0x380(%rbx) /* initial count */
	call wait_loop
	hlt
END _start

FUNC wait_loop
	sti
1:	pause
	jmp 1b
END wait_loop

	GDT
	EMPTY_IDT
	PAGE_TABLES
	/* 0xfee00000: PDPTE 3, PDE 0x1f7; 2 MiB, uncached. */
	.data
	OBJECT apic_pd, 4096
	.org apic_pd + 0x1f7 * 8
	.quad 0xfee0009b
	.org apic_pd + 4096
	END apic_pd
