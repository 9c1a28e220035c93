/* SPDX-License-Identifier: MIT */
/*
 * i8042.c: the keyboard controller. Follows the IBM PC AT and PS/2 Technical References,
 * "Keyboard Controller". A key is typed when the guest reads the first byte of it,
 * so that a character stays there for other devices until then. Not modelled: the auxiliary device
 * (mouse) and A20 (always on).
 */
#include "i8042.h"

#include <string.h>

#include "keymap.h"

#define PORT_DATA   0x60
#define PORT_STATUS 0x64

#define STATUS_OUTPUT_FULL 0x01
#define STATUS_SYSTEM      0x04
#define STATUS_COMMAND     0x08
#define STATUS_UNLOCKED    0x10

#define BYTE_INTERRUPT    0x01
#define BYTE_SYSTEM       0x04
#define BYTE_NO_KEYBOARD  0x10
#define BYTE_NO_AUXILIARY 0x20
#define BYTE_TRANSLATE    0x40

#define OUTPUT_NO_RESET 0x01
#define OUTPUT_A20      0x02
#define OUTPUT_FULL     0x10
#define OUTPUT_LINES    0xc0 /* keyboard clock and data, high when idle */

#define INPUT_UNLOCKED 0x80 /* input port: keyboard lock switch */

static void queue_byte(struct i8042 *i8042, uint8_t byte)
{
	if (i8042->queued < I8042_QUEUE)
		i8042->queue[i8042->queued++] = byte;
}

static bool translates(const struct i8042 *i8042)
{
	return i8042->command_byte & BYTE_TRANSLATE;
}

/* The controller translates whatever the keyboard says, as if it were a key of set 2. Of answers
 * these are changed. */
static uint8_t translate_answer(uint8_t byte)
{
	switch (byte) {
	case 0x01:
		return 0x43;
	case 0x02:
	case 0x83:
		return 0x41;
	default:
		return byte;
	}
}

static void send_to_keyboard(struct i8042 *i8042, uint8_t byte)
{
	uint8_t answer[KEYBOARD_ANSWER];
	unsigned n = keyboard_send(&i8042->keyboard, byte, answer);

	for (unsigned i = 0; i < n; i++)
		queue_byte(i8042, translates(i8042) ? translate_answer(answer[i]) : answer[i]);
}

static bool keys_flow(const struct i8042 *i8042)
{
	return i8042->keyboard.scanning && !(i8042->command_byte & BYTE_NO_KEYBOARD) &&
	       !i8042->input->reserved;
}

static bool output_full(const struct i8042 *i8042)
{
	return i8042->queued || (keys_flow(i8042) && input_ready(i8042->input));
}

static void i8042_drive(struct i8042 *i8042, bool level)
{
	if (level == i8042->level)
		return;
	i8042->level = level;
	irq_set(&i8042->irq, level);
}

void i8042_update(struct i8042 *i8042)
{
	i8042_drive(i8042, i8042->command_byte & BYTE_INTERRUPT && output_full(i8042));
}

static void type_next(struct i8042 *i8042)
{
	uint8_t byte, codes[KEYMAP_MAX];
	unsigned n;

	if (!input_take(i8042->input, &byte))
		return;
	n = keymap_type(byte,
		translates(i8042) ? KEYMAP_SET1 : (enum keymap_set)i8042->keyboard.set, codes);
	for (unsigned i = 0; i < n; i++)
		queue_byte(i8042, codes[i]);
}

static uint8_t read_data(struct i8042 *i8042)
{
	if (!i8042->queued && keys_flow(i8042))
		type_next(i8042);
	i8042->polled = false;
	if (!i8042->queued)
		return i8042->last;
	i8042->last = i8042->queue[0];
	memmove(i8042->queue, i8042->queue + 1, --i8042->queued);
	i8042_drive(i8042, false); /* so that the next byte gives the PIC a new edge */
	return i8042->last;
}

static uint8_t read_status(struct i8042 *i8042)
{
	uint8_t status = STATUS_UNLOCKED, byte;

	/* Before it sends a command a guest looks once whether there is room. One that looks again
	 * waits for a key. */
	if (i8042->polled && keys_flow(i8042))
		input_peek(i8042->input, &byte);
	i8042->polled = true;
	if (i8042->command_byte & BYTE_SYSTEM)
		status |= STATUS_SYSTEM;
	if (i8042->last_was_command)
		status |= STATUS_COMMAND;
	if (output_full(i8042))
		status |= STATUS_OUTPUT_FULL;
	return status;
}

static void ask_for_reset(struct i8042 *i8042)
{
	power_request(i8042->power, POWER_RESET, 0, "i8042");
}

static void write_output_port(struct i8042 *i8042, uint8_t value)
{
	i8042->output_port = value;
	if (!(value & OUTPUT_NO_RESET))
		ask_for_reset(i8042);
}

static uint8_t read_output_port(const struct i8042 *i8042)
{
	uint8_t value = (i8042->output_port & ~OUTPUT_FULL) | OUTPUT_NO_RESET | OUTPUT_LINES;

	return i8042->queued ? value | OUTPUT_FULL : value;
}

static void controller_command(struct i8042 *i8042, uint8_t command)
{
	i8042->awaits = 0;
	switch (command) {
	case 0x20:
		queue_byte(i8042, i8042->command_byte);
		break;
	case 0xa7:
		i8042->command_byte |= BYTE_NO_AUXILIARY;
		break;
	case 0xa8:
		i8042->command_byte &= ~BYTE_NO_AUXILIARY;
		break;
	case 0xa9: /* test of the auxiliary lines: clock stuck high, as nothing is there */
		queue_byte(i8042, 0x02);
		break;
	case 0xaa: /* self-test */
		i8042->command_byte |= BYTE_SYSTEM;
		queue_byte(i8042, 0x55);
		break;
	case 0xab: /* test of the keyboard lines: no fault */
		queue_byte(i8042, 0x00);
		break;
	case 0xad:
		i8042->command_byte |= BYTE_NO_KEYBOARD;
		break;
	case 0xae:
		i8042->command_byte &= ~BYTE_NO_KEYBOARD;
		break;
	case 0xc0:
		queue_byte(i8042, INPUT_UNLOCKED);
		break;
	case 0xd0:
		queue_byte(i8042, read_output_port(i8042));
		break;
	case 0x60:
	case 0xd1: /* write output port */
	case 0xd2: /* write a byte as if the keyboard had sent it */
	case 0xd3: /* the same for the auxiliary device */
	case 0xd4: /* write to the auxiliary device */
		i8042->awaits = command;
		break;
	default: /* 0xf0 to 0xff pulse output lines low; bit 0 is the CPU's reset */
		if (command >= 0xf0 && !(command & 1))
			ask_for_reset(i8042);
		break;
	}
}

static void controller_parameter(struct i8042 *i8042, uint8_t value)
{
	uint8_t command = i8042->awaits;

	i8042->awaits = 0;
	if (command == 0x60)
		i8042->command_byte = value;
	else if (command == 0xd1)
		write_output_port(i8042, value);
	else if (command == 0xd2)
		queue_byte(i8042, value);
}

static void write_command(struct i8042 *i8042, uint8_t command)
{
	i8042->last_was_command = true;
	i8042->polled = false;
	controller_command(i8042, command);
}

static void write_data(struct i8042 *i8042, uint8_t value)
{
	i8042->last_was_command = false;
	i8042->polled = false;
	if (i8042->awaits)
		controller_parameter(i8042, value);
	else
		send_to_keyboard(i8042, value);
}

static void i8042_access_data(void *device, struct io *io)
{
	struct i8042 *i8042 = device;

	if (io->write)
		write_data(i8042, io->value);
	else
		io->value = read_data(i8042);
	i8042_update(i8042);
}

static void i8042_access_status(void *device, struct io *io)
{
	struct i8042 *i8042 = device;

	if (io->write)
		write_command(i8042, io->value);
	else
		io->value = read_status(i8042);
	i8042_update(i8042);
}

bool i8042_init(struct i8042 *i8042, struct bus *bus, struct input *input,
	const struct irq_line *irq, bool interrupt, struct power *power, struct error *err)
{
	struct bus_range data = {PORT_DATA, 1, "i8042 keyboard data", i8042_access_data, i8042, 1};
	struct bus_range status = {
		PORT_STATUS, 1, "i8042 keyboard status", i8042_access_status, i8042, 1};

	*i8042 = (struct i8042){.input = input, .power = power, .irq = *irq};
	i8042->command_byte = BYTE_SYSTEM | BYTE_NO_AUXILIARY | BYTE_TRANSLATE;
	if (interrupt)
		i8042->command_byte |= BYTE_INTERRUPT;
	i8042->output_port = OUTPUT_NO_RESET | OUTPUT_A20;
	keyboard_init(&i8042->keyboard);
	return bus_claim(bus, &data, err) && bus_claim(bus, &status, err);
}
