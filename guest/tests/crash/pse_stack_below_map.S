/* SPDX-License-Identifier: MIT */
/*
 * pse_stack_below_map.S: the stack is the 4 KiB below the image, where the 4 MiB page of the kernel begins, and nothing
 * is mapped below that: an endless recursion ends in a #PF at 0x7ffffffc, whose frame has no place either: #DF,
 * likewise, shutdown.
 */
#define PSE32
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov $text_start, %esp
	call drop_identity_map
	call recurse
	hlt
END _start

/* To a directory that has only the kernel's own 4 MiB, entry 512. */
FUNC drop_identity_map
	mov $directory, %edi
	mov $1024, %ecx
	xor %eax, %eax
	rep stosl
	movl $0x83, directory + 512 * 4
	mov $directory - 0x80000000, %eax
	mov %eax, %cr3
	ret
END drop_identity_map

FUNC recurse
	push %ebp
	mov %esp, %ebp
	call recurse
	leave
	ret
END recurse

	STOP_HANDLER
	GDT
	IDT
	GATE 8, stop
	GATE 14, stop
	IDT_END
	.bss
	OBJECT directory, 4096
	.skip 4096
	END directory
