/* SPDX-License-Identifier: MIT */
/*
 * heap_beyond_mapping.S: a bump allocator has no limit; its last block reaches beyond 128 MiB, the
 * end of RAM and of the mapping: the first write at 0x8000000 is a #PF. Gates are empty: #GP, #DF,
 * shutdown. Wants exactly 128 MiB of RAM.
 */
#include "crash.inc"

	ENTRY
	LOAD_CR3
	LOAD_GDT
	LOAD_IDT
	movq $0x7fff800, heap_next
	mov $4096, %edi
	call kmalloc
	call fill
	hlt
END _start

FUNC kmalloc
	mov heap_next, %rax
	add %rax, %rdi
	mov %rdi, heap_next
	ret
END kmalloc

FUNC fill
	mov $512, %ecx
1:	movq $0, (%rax)
	add $8, %rax
	loop 1b
	ret
END fill

	GDT
	EMPTY_IDT
	PAGE_TABLES large=62
	.data
	OBJECT heap_next, 8
	.quad 0
	END heap_next
