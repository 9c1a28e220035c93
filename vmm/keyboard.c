/* SPDX-License-Identifier: MIT */
/*
 * keyboard.c: an MF2 keyboard's commands. Follows the IBM PS/2 Technical Reference, "Keyboards
 * (101- and 102-key)". Not modelled: scan code set 3, LEDs, typematic repeat.
 */
#include "keyboard.h"

#include "keymap.h"

#define ACK       0xfa
#define RESEND    0xfe /* both ways */
#define SELF_TEST 0xaa
#define ECHO      0xee

static void set_defaults(struct keyboard *keyboard, bool scanning)
{
	keyboard->set = KEYMAP_SET2;
	keyboard->scanning = scanning;
}

void keyboard_init(struct keyboard *keyboard)
{
	*keyboard = (struct keyboard){0};
	set_defaults(keyboard, true);
}

static unsigned take_parameter(struct keyboard *keyboard, uint8_t value, uint8_t *answer)
{
	uint8_t command = keyboard->awaits;

	keyboard->awaits = 0;
	answer[0] = ACK;
	if (command != 0xf0)
		return 1;
	if (value > 2) { /* set 3, and what is no set */
		answer[0] = RESEND;
		return 1;
	}
	if (value) {
		keyboard->set = value;
		return 1;
	}
	answer[1] = keyboard->set;
	return 2;
}

static unsigned take_command(struct keyboard *keyboard, uint8_t command, uint8_t *answer)
{
	keyboard->awaits = 0;
	answer[0] = ACK;
	switch (command) {
	case 0xed: /* LEDs */
	case 0xf0: /* scan code set */
	case 0xf3: /* typematic rate */
		keyboard->awaits = command;
		return 1;
	case ECHO:
		answer[0] = ECHO;
		return 1;
	case 0xf2: /* identity */
		answer[1] = 0xab;
		answer[2] = 0x83;
		return 3;
	case 0xf4:
		keyboard->scanning = true;
		return 1;
	case 0xf5: /* defaults, and stop scanning */
		set_defaults(keyboard, false);
		return 1;
	case 0xf6: /* defaults; it goes on as it did */
		set_defaults(keyboard, keyboard->scanning);
		return 1;
	case RESEND:
		answer[0] = keyboard->last;
		return 1;
	case 0xff: /* reset */
		set_defaults(keyboard, true);
		answer[1] = SELF_TEST;
		return 2;
	default:
		answer[0] = RESEND;
		return 1;
	}
}

unsigned keyboard_send(struct keyboard *keyboard, uint8_t byte, uint8_t answer[KEYBOARD_ANSWER])
{
	unsigned n;

	/* Commands are 0xed and above, parameters below: a command in place of a parameter is a
	 * command. */
	if (keyboard->awaits && byte < 0xed)
		n = take_parameter(keyboard, byte, answer);
	else
		n = take_command(keyboard, byte, answer);
	keyboard->last = answer[n - 1];
	return n;
}
