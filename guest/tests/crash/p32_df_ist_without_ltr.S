/* SPDX-License-Identifier: MIT */
/*
 * p32_df_ist_without_ltr.S: a kernel goes to long mode by itself and gives #DF an IST stack, but
 * never executes ltr: TR is what the reset left, base 0. The stack overflows into its guard page:
 * #PF, #PF, #DF; IST1 is read from linear address 0x24, which is not mapped: #PF: shutdown.
 */
#include "crash32.inc"

	ENTRY
	mov $CR4_PAE, %eax
	mov %eax, %cr4
	mov $pml4, %eax
	mov %eax, %cr3
	mov $MSR_EFER, %ecx
	rdmsr
	or $EFER_LME, %eax
	wrmsr
	mov %cr0, %eax
	or $CR0_PG | CR0_WP, %eax
	mov %eax, %cr0
	lgdt gdtr64
	lidt idtr64
	ljmp $KERNEL_CS, $kernel_main
END _start

	.code64
FUNC kernel_main
	mov $KERNEL_DS, %eax
	mov %eax, %ss
	mov $stack64_top, %esp
	mov $guard, %eax
	invlpg (%rax)
	shr $12, %eax
	and $511, %eax
	mov $pt, %edx
	movq $0, (%rdx, %rax, 8)
	call recurse
	hlt
END kernel_main

FUNC recurse
	call recurse
	ret
END recurse

	STOP_HANDLER

	.data
	OBJECT gdt64
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
	END gdt64
	OBJECT gdtr64, 8
	.word gdtr64 - gdt64 - 1
	.long gdt64, 0
	OBJECT idt
	.org idt + 16 * 8
	.word stop - text_start, KERNEL_CS, 0x8e01, 0x0020
	.long 0, 0
	.org idt + 16 * 14
	.word stop - text_start, KERNEL_CS, 0x8e00, 0x0020
	.long 0, 0
	.org idt + 4096
	END idt
	OBJECT idtr64, 8
	.word 4095
	.long idt, 0
	OBJECT pml4, 4096
	.long pdpt + 3, 0
	.org pml4 + 4096
	END pml4
	OBJECT pdpt, 4096
	.long pd + 3, 0
	.org pdpt + 4096
	END pdpt
	OBJECT pd, 4096
	.long 0, 0, pt + 3, 0
	.org pd + 4096
	END pd
	OBJECT pt, 4096
	.set page, 512
	.rept 512
	.quad (page << 12) + 3
	.set page, page + 1
	.endr
	END pt
	.bss
	OBJECT guard, 4096
	.skip 4096
	END guard
	OBJECT stack64, 4096
	.skip 4096
	END stack64
stack64_top:
	.skip 16
