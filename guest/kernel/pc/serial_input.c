/* SPDX-License-Identifier: MIT */
/*
 * serial_input.c: bytes that come in at the first serial port (16550A) go to the terminal. Those
 * for which it has no room stay on the line. When the carrier goes, there is nobody any more.
 */
#include "arch.h"
#include "fs/tty.h"
#include "guest_abi.h"
#include "interrupt.h"

#define UART_DATA     0
#define UART_IER      1
#define UART_FCR      2
#define UART_MCR      4
#define UART_LSR      5
#define UART_MSR      6
#define IER_RECEIVED  0x01
#define IER_MODEM     0x08
#define FCR_ENABLE    0x01
#define MCR_INTERRUPT 0x0b /* DTR, RTS, and OUT2, which lets the interrupt out */
#define LSR_RECEIVED  0x01
#define MSR_CARRIER   0x80
#define COM1_IRQ      4
#define NO_PORT       0xff

static bool waiting; /* bytes are on the line that found no room */

static void take_bytes(void)
{
	while (io_in8(VMM_PORT_COM1 + UART_LSR) & LSR_RECEIVED) {
		waiting = !tty_has_room();
		if (waiting)
			return;
		tty_input(io_in8(VMM_PORT_COM1 + UART_DATA));
	}
	waiting = false;
	if (!(io_in8(VMM_PORT_COM1 + UART_MSR) & MSR_CARRIER))
		tty_hang_up();
}

static void serial_interrupt(unsigned vector)
{
	take_bytes();
}

void tty_line_continue(void)
{
	if (waiting && tty_has_room())
		take_bytes();
}

void tty_line_open(void)
{
	waiting = false;
	if (io_in8(VMM_PORT_COM1 + UART_LSR) == NO_PORT) {
		tty_hang_up();
		return;
	}
	interrupt_set(VECTOR_IRQ + COM1_IRQ, serial_interrupt);
	interrupt_line_open(COM1_IRQ);
	io_out8(VMM_PORT_COM1 + UART_FCR, FCR_ENABLE);
	io_out8(VMM_PORT_COM1 + UART_MCR, MCR_INTERRUPT);
	io_out8(VMM_PORT_COM1 + UART_IER, IER_RECEIVED | IER_MODEM);
	take_bytes();
}
