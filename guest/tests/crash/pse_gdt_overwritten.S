/* SPDX-License-Identifier: MIT */
/*
 * pse_gdt_overwritten.S: a buffer of 16 bytes before the GDT is cleared as if it had 64. The selectors in use go on
 * working from their hidden parts until %fs is loaded: #GP. Its gate needs the code segment's descriptor: #GP again,
 * #DF, shutdown.
 */
#define PSE32
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call clear_buffer
	call set_fs
	hlt
END _start

FUNC clear_buffer
	mov $buffer, %edi
	mov $64, %ecx
	xor %eax, %eax
	rep stosb
	ret
END clear_buffer

FUNC set_fs
	mov $KERNEL_DS, %eax
	mov %eax, %fs
	ret
END set_fs

	STOP_HANDLER
	.data
	OBJECT buffer
	.skip 16
	END buffer
	GDT
	IDT
	GATE 8, stop
	GATE 13, stop
	IDT_END
