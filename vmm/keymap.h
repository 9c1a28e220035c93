/* SPDX-License-Identifier: MIT */
/*
 * keymap.h: which keys of a US keyboard type an ASCII character.
 */
#ifndef VMM_KEYMAP_H
#define VMM_KEYMAP_H

#include <stdint.h>

/* Scan code set to speak: 1 is what an i8042 hands out when it translates, 2 what the keyboard
 * itself says. */
enum keymap_set { KEYMAP_SET1 = 1, KEYMAP_SET2 = 2 };

#define KEYMAP_MAX                                                                     \
	6 /* bytes for one character at most: shift, key, key released, shift released \
	   */

/* Scan codes that type `byte`, make and break of shift or control included; returns how many. Bytes
 * beyond ASCII have no key and are typed as '?'. */
unsigned keymap_type(uint8_t byte, enum keymap_set set, uint8_t codes[KEYMAP_MAX]);

#endif
