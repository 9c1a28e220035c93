/* SPDX-License-Identifier: MIT */
/*
 * keyboard.h: the keyboard at the i8042: its commands and its settings. Keys come from struct
 * input.
 */
#ifndef VMM_KEYBOARD_H
#define VMM_KEYBOARD_H

#include <stdbool.h>
#include <stdint.h>

#define KEYBOARD_ANSWER 3 /* bytes at most */

struct keyboard {
	bool scanning;  /* sends keys */
	uint8_t set;    /* scan code set, 1 or 2 */
	uint8_t awaits; /* command whose parameter comes next; 0: none */
	uint8_t last;   /* last byte of the last answer, for the command 0xfe */
};

/* As after power on: set 2, sends keys. */
void keyboard_init(struct keyboard *keyboard);

/* One byte from the controller, a command or a parameter. Returns how many bytes it answers. */
unsigned keyboard_send(struct keyboard *keyboard, uint8_t byte, uint8_t answer[KEYBOARD_ANSWER]);

#endif
