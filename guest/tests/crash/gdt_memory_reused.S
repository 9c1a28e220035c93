/* SPDX-License-Identifier: MIT */
/*
 * gdt_memory_reused.S: the GDT was built in low memory (0x8000) and the page was reused later: it
 * is all zeros. The hidden part of CS keeps working until the first exception: #UD; the gate's
 * selector 0x08 is an empty descriptor: #GP(8), #GP, #DF, shutdown.
 */
#include "crash.inc"

	ENTRY
	call gdt_init
	LOAD_IDT
	call page_reuse
	call do_ud2
	hlt
END _start

FUNC gdt_init
	mov $gdt, %esi
	mov $0x8000, %edi
	mov $56, %ecx
	rep movsb
	movq $0x8000, gdtr + 2
	lgdt gdtr
	ret
END gdt_init

FUNC page_reuse
	mov $0x8000, %edi
	mov $512, %ecx
	xor %eax, %eax
	rep stosq
	ret
END page_reuse

FUNC do_ud2
	ud2
	ret
END do_ud2

	STOP_HANDLER
	GDT
	IDT
	.set vector, 0
	.rept 32
	GATE vector, stop
	.set vector, vector + 1
	.endr
	IDT_END
