/* SPDX-License-Identifier: MIT */
/*
 * cr3_outside_ram.S: CR3 is loaded with the address of the new page tables shifted once too often:
 * 0x4000000000, where there is no memory. What is read from there is no present entry: #PF, #PF,
 * #DF, shutdown. kvm_pvm shuts down without any exception.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call switch_to
	hlt
END _start

FUNC switch_to
	mov $0x4000000, %eax
	shl $12, %rax
	mov %rax, %cr3
	ret
END switch_to

	GDT
	EMPTY_IDT
