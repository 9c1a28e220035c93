/* SPDX-License-Identifier: MIT */
/*
 * symbol_lines.h: source lines and inlined calls of one ELF file, from its DWARF. Addresses are the
 * file's own. Internal to the symbol code.
 */
#ifndef AUTOPSY_SYMBOL_LINES_H
#define AUTOPSY_SYMBOL_LINES_H

#include <elfutils/libdw.h>

#include "symbols.h"

struct line_table;

/* NULL when the file has no DWARF, or only DWARF that is damaged or in other files. elf must
 * outlive the table. */
struct line_table *line_table_open(Elf *elf, size_t file_size);
void line_table_close(struct line_table *table);

/* As symbols_find_line(). */
bool line_table_find(struct line_table *table, uint64_t addr, struct source_line *out);
/* As symbols_find_inlines(). */
unsigned line_table_inlines(
	struct line_table *table, uint64_t addr, struct source_frame *out, unsigned max);

/* Call-frame information: .eh_frame, and .debug_frame; NULL where absent. Owned by the table. */
Dwarf_CFI *line_table_eh_frame(struct line_table *table);
Dwarf_CFI *line_table_debug_frame(struct line_table *table);

#endif
