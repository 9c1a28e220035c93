/* SPDX-License-Identifier: MIT */
/*
 * boot_pse32.S: lets a pse32 test image start under another machine than vmm, as boot64.S does for long64: a PVH entry
 * point that makes vmm's pse32 environment: a page directory of 4 MiB pages that maps 128 MiB of RAM at their own
 * addresses and at 2 GiB, a flat GDT with the same selectors, a stack, all of it at 0x7e00000, out of the image's way.
 * Its IDT is empty (limit 0). vmm itself never runs this: it starts the flat file, which is without it.
 */
#include "x86.h"

#define BOOT      0x7e00000
#define DIRECTORY (BOOT)
#define GDT       (BOOT + 0x1000)
#define STACK     (BOOT + 0x6000)

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
	mov $BOOT, %edi
	mov $(STACK - BOOT) / 4, %ecx
	xor %eax, %eax
	rep stosl

	mov $DIRECTORY, %edi
	mov $0x83, %eax /* present, writable, 4 MiB */
1:	mov %eax, (%edi)
	mov %eax, 512 * 4(%edi) /* from 2 GiB on */
	add $4, %edi
	add $0x400000, %eax
	cmp $0x8000083, %eax
	jne 1b

	mov $pvh_gdt, %esi
	mov $GDT, %edi
	mov $pvh_gdt_end - pvh_gdt, %ecx
	rep movsb
	lgdt pvh_gdtr
	lidt pvh_idtr

	mov $CR4_PSE, %eax
	mov %eax, %cr4
	mov $DIRECTORY, %eax
	mov %eax, %cr3
	mov $(CR0_PE | CR0_ET | CR0_PG), %eax
	mov %eax, %cr0
	ljmp $0x08, $1f
1:	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %fs
	mov %eax, %gs
	mov %eax, %ss
	mov $STACK, %esp
	mov $_start, %eax
	jmp *%eax
	.size pvh_start, . - pvh_start

	.balign 8
pvh_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff /* 0x08 code */
	.quad 0x00cf93000000ffff /* 0x10 data */
	.quad 0x00cff3000000ffff /* 0x18 user data */
	.quad 0x00cffb000000ffff /* 0x20 user code */
pvh_gdt_end:
pvh_gdtr:
	.word pvh_gdt_end - pvh_gdt - 1
	.long GDT
pvh_idtr:
	.word 0
	.long 0

	.section .note.GNU-stack, "", @progbits
