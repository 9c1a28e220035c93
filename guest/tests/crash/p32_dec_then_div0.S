/* SPDX-License-Identifier: MIT */
/*
 * p32_dec_then_div0.S: a division by a counter that has gone to zero. The bytes of its dec instructions
 * are REX prefixes in 64-bit code, which this is not. #DE has no gate: #GP, #DF likewise: shutdown.
 */
#include "crash32.inc"

	ENTRY
	LOAD_GDT
	LOAD_IDT
	call divide
	hlt
END _start

FUNC divide
	mov $3, %ecx
1:	dec %ecx
	jnz 1b
	mov $2, %ebx
	mov $1, %eax
	dec %ebx
	dec %ebx
	div %ebx
	ret
END divide

	GDT
	EMPTY_IDT
