/* SPDX-License-Identifier: MIT */
/*
 * p32_long_mode_without_pae.S: on the way to long mode EFER.LME is set and CR4.PAE forgotten:
 * setting CR0.PG is #GP(0). Gates are empty: #DF, shutdown. (QEMU's TCG ignores the write instead.)
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call enable_long_mode
	cli
	hlt
END _start

FUNC enable_long_mode
	mov %cr4, %eax
	and $~CR4_PAE, %eax
	mov %eax, %cr4
	mov $pml4, %eax
	mov %eax, %cr3
	mov $MSR_EFER, %ecx
	rdmsr
	or $EFER_LME, %eax
	wrmsr
	mov %cr0, %eax
	or $CR0_PG, %eax
	mov %eax, %cr0
	ret
END enable_long_mode

	GDT
	EMPTY_IDT
	.data
	OBJECT pml4, 4096
	.long pdpt + 3
	.org pml4 + 4096
	END pml4
	OBJECT pdpt, 4096
	.long 0x83
	.org pdpt + 4096
	END pdpt
