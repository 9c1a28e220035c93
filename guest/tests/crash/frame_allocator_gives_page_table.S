/* SPDX-License-Identifier: MIT */
/*
 * frame_allocator_gives_page_table.S: free memory is said to begin at image_end, but the page
 * directory in use lies there: nobody reserved it. frame_alloc hands it out, zeroed. The next
 * access outside the TLB is a #PF; where exactly depends on the TLB.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_TSS
	LOAD_IDT
	mov $image_end, %edi
	movq $0x000083, (%rdi)
	movq $0x200083, 8(%rdi)
	movq $0x400083, 16(%rdi)
	lea 3(%rdi), %rax
	mov %rax, pdpt
	LOAD_CR3
	movq $image_end, next_frame
	call kernel_main
	hlt
END _start

FUNC kernel_main
	call frame_alloc
	movl $1, 0x400000
	ret
END kernel_main

FUNC frame_alloc
	mov next_frame, %rdi
	addq $4096, next_frame
	mov %rdi, %rdx
	mov $512, %ecx
	xor %eax, %eax
	rep stosq
	mov %rdx, %rax
	ret
END frame_alloc

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 13, stop
	GATE 14, stop
	IDT_END
	.data
	OBJECT next_frame, 8
	.quad 0
	END next_frame
	OBJECT pml4, 4096
	.quad pdpt + 3
	.org pml4 + 4096
	END pml4
	OBJECT pdpt, 4096
	.skip 4096
	END pdpt
