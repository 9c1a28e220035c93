/* SPDX-License-Identifier: MIT */
/*
 * keyboard.S: reads the keyboard controller (ports 0x64 and 0x60, scan code set 1) and prints small
 * letters, digits and spaces as they are pressed. Enter ends it.
 */
#include "real.inc"

#define STATUS_OUTPUT_FULL 1
#define KEY_ENTER          0x1c

	START
	mov $keys, %bx
wait:
	in $0x64, %al
	test $STATUS_OUTPUT_FULL, %al
	jz wait
	in $0x60, %al
	cmp $KEY_ENTER, %al
	je done
	cmp $keys_end - keys, %al
	jae wait /* a release, or a key without a letter */
	xlat
	test %al, %al
	jz wait
	out %al, $VMM_PORT_DEBUGCON
	jmp wait
done:
	PUT '\n'
	EXIT
END _start

keys:
	.ascii "\0\0001234567890\0\0\0\0qwertyuiop\0\0\0\0asdfghjkl\0\0\0\0\0zxcvbnm\0\0\0\0\0\0 "
keys_end:
