/* SPDX-License-Identifier: MIT */
/*
 * console.h: text to the outside, by the cheapest way that the machine has.
 */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

enum console_kind {
	CONSOLE_VMM,      /* buffers, through VMM_PORT_CONSOLE */
	CONSOLE_DEBUGCON, /* bytes, through VMM_PORT_DEBUGCON */
	CONSOLE_SERIAL,   /* bytes, through COM1 */
};

/* Under vmm, or on another machine: the debug console where there is one, else the serial port. */
void console_init(bool under_vmm);

/* text lies in the kernel image (it is handed on by physical address). */
void console_write(const char *text, size_t n);

#endif
