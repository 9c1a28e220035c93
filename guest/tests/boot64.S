/* SPDX-License-Identifier: MIT */
/*
 * boot64.S: lets a 64-bit test image start under another machine than vmm: a PVH entry point (the
 * ELF note that QEMU's -kernel looks for), which begins in 32-bit protected mode and makes vmm's
 * long64 environment: 4-level tables that map 128 MiB of RAM at their own addresses and at 2 GiB
 * below the end, in 2 MiB pages, a flat GDT with the same selectors, a TSS, a stack of 16 KiB, all
 * of it at 0x7e00000, out of the image's way. Unlike vmm's, its IDT is empty (limit 0). vmm itself
 * never runs this: it enters at the ELF entry point.
 */
#include "x86.h"

#define BOOT  0x7e00000
#define PML4  (BOOT)
#define PDPT  (BOOT + 0x1000)
#define PD    (BOOT + 0x2000)
#define PDPT2 (BOOT + 0x3000)
#define GDT   (BOOT + 0x4000)
#define TSS   (BOOT + 0x4100)
#define INFO  (BOOT + 0x5000)
#define STACK (BOOT + 0xd000)

	/* Xen's public/elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY is 18. */
	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 4, 18
	.asciz "Xen"
	.long pvh_start

	.section .pvh, "ax", @progbits
	.code32
	.globl pvh_start
	.type pvh_start, @function
pvh_start:
	cld
	movl $BOOT, %edi
	movl $(STACK - BOOT) / 4, %ecx
	xorl %eax, %eax
	rep stosl

	movl $PDPT + 7, PML4
	movl $PD + 7, PDPT
	movl $PDPT2 + 7, PML4 + 511 * 8 /* the last 2 GiB, for images linked there */
	movl $PD + 7, PDPT2 + 510 * 8
	movl $PD, %edi
	movl $0x87, %eax /* present, writable, user, 2 MiB */
1:	movl %eax, (%edi)
	addl $8, %edi
	addl $0x200000, %eax
	cmpl $0x8000087, %eax
	jne 1b

	movl $pvh_gdt, %esi
	movl $GDT, %edi
	movl $pvh_gdt_end - pvh_gdt, %ecx
	rep movsb
	lgdtl pvh_gdtr
	lidtl pvh_idtr

	movl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $PML4, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $(EFER_LME | EFER_NXE | EFER_SCE), %eax
	wrmsr
	movl $(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG), %eax
	movl %eax, %cr0
	ljmpl $0x08, $1f

	.code64
1:	movl $0x10, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %fs
	movl %eax, %gs
	movl %eax, %ss
	movl $STACK, %esp
	movl $0x28, %eax
	ltr %ax
	movl $INFO, %edi
	xorl %eax, %eax
	pushq %rax
	movabsq $_start, %rax
	jmp *%rax
	.size pvh_start, . - pvh_start

	.balign 8
pvh_gdt:
	.quad 0
	.quad 0x00af9b000000ffff /* 0x08 code64 */
	.quad 0x00cf93000000ffff /* 0x10 data */
	.quad 0x00cff3000000ffff /* 0x18 user data */
	.quad 0x00affb000000ffff /* 0x20 user code64 */
	.quad 0x0000890000000067 | (TSS & 0xffffff) << 16 | (TSS >> 24) << 56 /* 0x28 TSS */
	.quad 0
pvh_gdt_end:
pvh_gdtr:
	.word pvh_gdt_end - pvh_gdt - 1
	.long GDT
pvh_idtr:
	.word 0
	.long 0

	.section .note.GNU-stack, "", @progbits
