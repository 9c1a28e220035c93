/* SPDX-License-Identifier: MIT */
/*
 * idt_never_loaded.S: the kernel meets an invalid opcode before it has ever executed lidt. No gate
 * for #UD, so #GP; no gate for that, so #DF; none either: shutdown. (vmm's boot IDT catches the
 * #UD; elsewhere IDTR has limit 0.)
 */
#include "crash.inc"

	ENTRY
	call do_ud2
	hlt
END _start

FUNC do_ud2
	ud2
	ret
END do_ud2
