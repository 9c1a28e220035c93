/* SPDX-License-Identifier: MIT */
/*
 * keymap.c: ASCII to scan codes of a US keyboard. Numbers of keys are those of scan code set 1; set
 * 2 follows from them (IBM PS/2 Technical Reference, "Keyboard", scan code tables).
 */
#include "keymap.h"

#include <stdbool.h>

#define KEY_CONTROL 0x1d
#define KEY_SHIFT   0x2a

/* Characters of the keys 0x01 to 0x39; '\0': none. */
static const char plain[] =
	"\0\0331234567890-=\b\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0\0\0 ";
static const char shifted[] =
	"\0\0!@#$%^&*()_+\0\0QWERTYUIOP{}\0\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0\0\0\0";

/* Set 2 code of the keys 0x00 to 0x39 of set 1. */
static const uint8_t set2[] = {0x00, 0x76, 0x16, 0x1e, 0x26, 0x25, 0x2e, 0x36, 0x3d, 0x3e, 0x46,
	0x45, 0x4e, 0x55, 0x66, 0x0d, 0x15, 0x1d, 0x24, 0x2d, 0x2c, 0x35, 0x3c, 0x43, 0x44, 0x4d,
	0x54, 0x5b, 0x5a, 0x14, 0x1c, 0x1b, 0x23, 0x2b, 0x34, 0x33, 0x3b, 0x42, 0x4b, 0x4c, 0x52,
	0x0e, 0x12, 0x5d, 0x1a, 0x22, 0x21, 0x2a, 0x32, 0x31, 0x3a, 0x41, 0x49, 0x4a, 0x59, 0x7c,
	0x11, 0x29};

_Static_assert(sizeof(plain) == sizeof(set2) + 1, "one character a key");
_Static_assert(sizeof(shifted) == sizeof(set2) + 1, "one character a key");

static unsigned find_key(const char *characters, char wanted)
{
	for (unsigned key = 1; key < sizeof(set2); key++)
		if (characters[key] == wanted)
			return key;
	return 0;
}

/* Ctrl-A is 'A' & 0x1f; Ctrl-@ is typed as Ctrl-Space, Ctrl-^ and Ctrl-_ as Ctrl with the keys that
 * bear them. */
static unsigned choose_control_key(uint8_t byte)
{
	unsigned key = byte ? find_key(plain, (char)(byte | 0x60)) : find_key(plain, ' ');

	if (!key)
		key = find_key(plain, (char)(byte | 0x40));
	if (!key)
		key = find_key(shifted, (char)(byte | 0x40));
	return key;
}

/* The key for a character, and the modifier to hold with it (0: none). */
static unsigned choose_key(uint8_t byte, unsigned *modifier)
{
	unsigned key;

	*modifier = 0;
	if (byte >= 0x80)
		byte = '?';
	if (byte == '\n')
		byte = '\r';
	if (byte == 0x7f)
		byte = '\b';
	key = byte ? find_key(plain, (char)byte) : 0;
	if (key)
		return key;
	if (byte < 0x20) {
		*modifier = KEY_CONTROL;
		return choose_control_key(byte);
	}
	*modifier = KEY_SHIFT;
	return find_key(shifted, (char)byte);
}

static unsigned put_code(uint8_t *codes, unsigned key, bool released, enum keymap_set set)
{
	unsigned n = 0;

	if (set == KEYMAP_SET1) {
		codes[n++] = released ? key | 0x80 : key;
		return n;
	}
	if (released)
		codes[n++] = 0xf0;
	codes[n++] = set2[key];
	return n;
}

unsigned keymap_type(uint8_t byte, enum keymap_set set, uint8_t codes[KEYMAP_MAX])
{
	unsigned modifier, key = choose_key(byte, &modifier), n = 0;

	if (modifier)
		n += put_code(codes + n, modifier, false, set);
	n += put_code(codes + n, key, false, set);
	n += put_code(codes + n, key, true, set);
	if (modifier)
		n += put_code(codes + n, modifier, true, set);
	return n;
}
