/* SPDX-License-Identifier: MIT */
/*
 * program_symbol.h: names for the functions of programs, from the symbol tables of their files.
 */
#ifndef PROCESS_PROGRAM_SYMBOL_H
#define PROCESS_PROGRAM_SYMBOL_H

#include <stdbool.h>
#include <stdint.h>

#define PROGRAM_SYMBOL_NAME 64

struct mm;

struct program_symbol {
	char name[PROGRAM_SYMBOL_NAME]; /* NUL-terminated, cut where it is longer */
	uint64_t offset;                /* from the function's first byte */
};

/* The function that `address` lies in; false: the file has no symbols, or none there. */
bool program_symbol_find(const struct mm *mm, uint64_t address, struct program_symbol *symbol);

#endif
