/* SPDX-License-Identifier: MIT */
/*
 * symbols.h: names for the kernel's own functions, from a table that the build makes of the linked
 * kernel.
 */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include <stdint.h>

struct symbol {
	const char *name;     /* "?" when the address is not in the kernel's code */
	unsigned long offset; /* from the function's first byte, or the address itself */
};

struct symbol symbol_find(uintptr_t address);

#endif
