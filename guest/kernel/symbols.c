/* SPDX-License-Identifier: MIT */
/*
 * symbols.c: looks an address up in the table that symbols.awk wrote.
 */
#include "symbols.h"

#include "image.h"

/* Sorted by offset. */
struct entry {
	uint32_t offset; /* from kernel_start */
	uint32_t name;   /* offset in symbol_names */
};

extern const uint32_t symbol_count;
extern const struct entry symbol_table[];
extern const char symbol_names[];

struct symbol symbol_find(uintptr_t address)
{
	uint32_t offset = (uint32_t)(address - (uintptr_t)kernel_start);
	uint32_t low = 0, high = symbol_count;

	if (!high || address < (uintptr_t)kernel_start || address >= (uintptr_t)text_end ||
		offset < symbol_table[0].offset)
		return (struct symbol){"?", address};
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (symbol_table[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return (struct symbol){
		symbol_names + symbol_table[low].name, offset - symbol_table[low].offset};
}
