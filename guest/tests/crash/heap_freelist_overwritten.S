/* SPDX-License-Identifier: MIT */
/*
 * heap_freelist_overwritten.S: a name longer than its block is copied to the heap and overwrites
 * the free-list link in the next block with text; the second allocation after it follows that link:
 * not canonical: #GP(0). Gates are empty: #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	movq $blocks, free_list
	movq $blocks + 32, blocks
	movq $blocks + 64, blocks + 32
	call kmalloc
	call copy_name
	call kmalloc
	call kmalloc
	hlt
END _start

/* RAX = a block of 32 bytes from the list of free ones. */
FUNC kmalloc
	mov free_list, %rax
	mov (%rax), %rbx
	mov %rbx, free_list
	ret
END kmalloc

/* Copies name to RAX. */
FUNC copy_name
	mov $name, %esi
	mov %rax, %rdi
1:	movsb
	cmpb $0, -1(%rsi)
	jne 1b
	ret
END copy_name

	GDT
	EMPTY_IDT
	.section .rodata
	OBJECT name, 1
	.asciz "a-file-name-that-is-much-longer-than-32-bytes"
	END name
	.data
	OBJECT free_list, 8
	.quad 0
	END free_list
	.bss
	OBJECT blocks, 32
	.skip 96
	END blocks
