/* SPDX-License-Identifier: MIT */
/*
 * p32_loader_gdt_garbage.S: the kernel trusts the boot loader's GDT, whose memory (0x9000) has been
 * reused since: loading DS with 0x10 finds a descriptor that is not present data: #GP(0x10) for a
 * system type. Gates are empty: #DF, shutdown. The first half of _start plays the boot loader.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov $gdt, %esi
	mov $0x9000, %edi
	mov $12, %ecx
	rep movsl
	movl $0x9000, gdtr + 2
	lgdt gdtr
	mov $0x9000, %edi
	mov $12, %ecx
	mov $0x20202020, %eax /* text of a command line */
	rep stosl
	call load_segments
	hlt
END _start

FUNC load_segments
	mov $KERNEL_DS, %eax
	mov %eax, %ds
	ret
END load_segments

	GDT
	EMPTY_IDT
