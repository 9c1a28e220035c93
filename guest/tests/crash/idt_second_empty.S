/* SPDX-License-Identifier: MIT */
/*
 * idt_second_empty.S: the kernel has an IDT with good gates for its start and loads the final one, which
 * nobody has filled. The base is right; there is no handler. Entry 6 there is no gate: #GP, entry 13
 * neither, #DF likewise: shutdown.
 */
#include "crash.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	movq $final_idt, idtr + 2
	LOAD_IDT
	call do_ud2
	hlt
END _start

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
	.bss
	OBJECT final_idt, 4096
	.skip 4096
	END final_idt
