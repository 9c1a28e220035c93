/* SPDX-License-Identifier: MIT */
/*
 * timer.S: counts five interrupts of the 8254 timer, which come through the interrupt vector table:
 * the 8259 gives IRQ 0 vector 8, as in a PC. Between them the CPU halts.
 */
#include "real.inc"

#define PIC_COMMAND 0x20
#define PIC_DATA    0x21
#define PIT_CHANNEL 0x40
#define PIT_COMMAND 0x43
#define PIT_DIVISOR 11932 /* 1193182 Hz / 100 */

	START
	movw $tick, 8 * 4
	movw $0, 8 * 4 + 2

	/* 8259A data sheet, "Initialization command words 1 to 4". */
	mov $0x11, %al
	out %al, $PIC_COMMAND
	mov $8, %al
	out %al, $PIC_DATA
	mov $4, %al
	out %al, $PIC_DATA
	mov $1, %al
	out %al, $PIC_DATA
	mov $0xfe, %al /* only IRQ 0 */
	out %al, $PIC_DATA

	/* 8254 data sheet, "Control word format": channel 0, both bytes, mode 2. */
	mov $0x34, %al
	out %al, $PIT_COMMAND
	mov $PIT_DIVISOR & 0xff, %al
	out %al, $PIT_CHANNEL
	mov $PIT_DIVISOR >> 8, %al
	out %al, $PIT_CHANNEL

wait:
	sti
	hlt
	cli
	cmpb $5, ticks
	jb wait
	EXIT
END _start

FUNC tick
	push %ax
	push %si
	cmpb $5, ticks
	jae 1f
	incb ticks
	mov $message, %si
	call put_text
1:	mov $0x20, %al /* end of interrupt */
	out %al, $PIC_COMMAND
	pop %si
	pop %ax
	iret
END tick

	PUT_TEXT
ticks:
	.byte 0
message:
	.asciz "tick\n"
