/* SPDX-License-Identifier: MIT */
/*
 * idt_gate_set_wrong.S: all gates lead to a default handler; then the kernel sets that of #UD to a handler
 * of its own, with type 0x0e instead of 0x8e. Nothing was overwritten by mistake, the gate was made so:
 * #NP, entry 11 has no present gate either, #DF likewise: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	mov $ud_handler, %eax
	mov $6, %ecx
	call set_gate
	call do_ud2
	hlt
END _start

/* Field by field, as a structure is filled. */
FUNC set_gate
	shl $4, %ecx
	mov %ax, idt(%rcx)
	movw $KERNEL_CS, idt + 2(%rcx)
	movb $0, idt + 4(%rcx)
	movb $0x0e, idt + 5(%rcx)
	shr $16, %eax
	mov %ax, idt + 6(%rcx)
	movl $0, idt + 8(%rcx)
	ret
END set_gate

FUNC do_ud2
	ud2
	ret
END do_ud2

	STOP_HANDLER

FUNC ud_handler
	cli
	hlt
	jmp ud_handler
END ud_handler

	GDT
	IDT
	GATE 3, stop
	GATE 6, stop
	GATE 14, stop
	IDT_END
