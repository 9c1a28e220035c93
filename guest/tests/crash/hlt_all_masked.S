/* SPDX-License-Identifier: MIT */
/*
 * hlt_all_masked.S: the kernel waits in hlt with interrupts on, but both PICs mask every line and
 * the local APIC is off.
 */
#include "crash.inc"
#include "pic.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	PIC_INIT 0x20, 0x28, 0xff, 0xff
	mov $MSR_APIC_BASE, %ecx
	rdmsr
	and $~(1 << 11), %eax
	wrmsr
	sti
	call idle
END _start

FUNC idle
	hlt
	jmp idle
END idle

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 13, stop
	GATE 14, stop
	GATE 0x20, stop
	IDT_END
