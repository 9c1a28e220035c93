/* SPDX-License-Identifier: MIT */
/*
 * i8042.h: the keyboard controller of a PC with a keyboard at it, on which the console's input is
 * typed.
 */
#ifndef VMM_I8042_H
#define VMM_I8042_H

#include "bus.h"
#include "input.h"
#include "irq.h"
#include "keyboard.h"
#include "power.h"

#define I8042_QUEUE 16

struct i8042 {
	struct input *input;
	struct power *power;
	struct irq_line irq;
	bool level;            /* of the interrupt line, as last set */
	uint8_t command_byte;  /* "controller command byte" */
	uint8_t output_port;   /* as command 0xd1 wrote it */
	uint8_t awaits;        /* controller command whose parameter comes next at 0x60; 0: none */
	bool last_was_command; /* status bit 3 */
	bool polled;           /* the empty status was read, and nothing else since */
	uint8_t last;          /* byte last read, for an empty 0x60 */
	struct keyboard keyboard;
	uint8_t queue[I8042_QUEUE];
	unsigned queued;
};

/* Puts controller and keyboard into the state in which a BIOS leaves them (enabled, scan codes
 * translated to set 1) and claims ports 0x60 and 0x64. interrupt: IRQ 1 is on, as after a BIOS;
 * false where no PIC could mask it, so that the guest has to ask for it. The pointers stay the
 * caller's; irq is copied. */
bool i8042_init(struct i8042 *i8042, struct bus *bus, struct input *input,
	const struct irq_line *irq, bool interrupt, struct power *power, struct error *err);

/* To be called when input has arrived or was taken by another device: raises or lowers the
 * interrupt. */
void i8042_update(struct i8042 *i8042);

#endif
