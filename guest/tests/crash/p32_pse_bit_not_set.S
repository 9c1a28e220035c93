/* SPDX-License-Identifier: MIT */
/*
 * p32_pse_bit_not_set.S: the page directory has 4 MiB pages, CR4.PSE is 0: bit 7 is ignored and
 * entry 0 is taken as a pointer to a page table, at physical address 0, where there is none. The
 * first fetch with paging on is a #PF, like every access: shutdown.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov $0x800, %edi /* what entry 512 and its neighbours of that "table" hold */
	mov $64, %ecx
	xor %eax, %eax
	rep stosl
	mov %cr4, %eax
	and $~(CR4_PSE | CR4_PAE), %eax
	mov %eax, %cr4
	call enable_paging
	hlt
END _start

FUNC enable_paging
	ENABLE_PAGING
	ret
END enable_paging

	GDT
	EMPTY_IDT
	.data
	OBJECT pgdir, 4096
	.long 0x00000083, 0x00400083
	.org pgdir + 4096
	END pgdir
