/* SPDX-License-Identifier: MIT */
/*
 * serial.h: a 16550A at COM1, the interactive console.
 */
#ifndef VMM_SERIAL_H
#define VMM_SERIAL_H

#include "bus.h"
#include "console.h"
#include "input.h"
#include "irq.h"

#define SERIAL_FIFO 16

struct serial {
	struct console *console;
	struct input *input;
	struct irq_line irq;
	bool level; /* of the interrupt line, as last set */
	uint8_t ier, fcr, lcr, mcr, msr, scr, dll, dlm;
	bool overrun;              /* LSR bit 1 */
	bool thr_emptied;          /* the transmitter-empty interrupt waits */
	bool polled;               /* LSR was read, and no byte sent since */
	uint8_t loop[SERIAL_FIFO]; /* bytes that the loopback mode has received */
	unsigned loop_used;
};

/* Resets the chip and claims ports 0x3f8 to 0x3ff. The pointers stay the caller's; irq is copied.
 */
bool serial_init(struct serial *serial, struct bus *bus, struct console *console,
	struct input *input, const struct irq_line *irq, struct error *err);

/* To be called when input has arrived or was taken by another device: raises or lowers the
 * interrupt. */
void serial_update(struct serial *serial);

#endif
