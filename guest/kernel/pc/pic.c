/* SPDX-License-Identifier: MIT */
/*
 * pic.c: the pair of 8259A interrupt controllers, out of the way of exceptions and silent. Intel
 * 8259A data sheet, "Initialization Command Words".
 */
#include "pic.h"

#include "arch_cpu.h"

#define PIC1_COMMAND 0x20
#define PIC1_DATA    0x21
#define PIC2_COMMAND 0xa0
#define PIC2_DATA    0xa1

#define ICW1_INIT_WITH_ICW4 0x11
#define ICW3_PIC2_AT_LINE_2 0x04
#define ICW3_PIC2_IDENTITY  0x02
#define ICW4_8086           0x01
#define OCW2_EOI            0x20

void pic_init(void)
{
	io_out8(PIC1_COMMAND, ICW1_INIT_WITH_ICW4);
	io_out8(PIC1_DATA, VECTOR_IRQ);
	io_out8(PIC1_DATA, ICW3_PIC2_AT_LINE_2);
	io_out8(PIC1_DATA, ICW4_8086);
	io_out8(PIC2_COMMAND, ICW1_INIT_WITH_ICW4);
	io_out8(PIC2_DATA, VECTOR_IRQ + 8);
	io_out8(PIC2_DATA, ICW3_PIC2_IDENTITY);
	io_out8(PIC2_DATA, ICW4_8086);
	io_out8(PIC1_DATA, 0xff);
	io_out8(PIC2_DATA, 0xff);
}

void pic_open(unsigned line)
{
	io_out8(PIC1_DATA, io_in8(PIC1_DATA) & (uint8_t) ~(1u << line));
}

void pic_acknowledge(void)
{
	io_out8(PIC1_COMMAND, OCW2_EOI);
}
