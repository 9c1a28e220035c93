/* SPDX-License-Identifier: MIT */
/*
 * symbol_file.h: one ELF file as the symbol set sees it: its segments, sections and symbols, in the
 * file's own addresses. Internal to symbols.c, symbol_lines.c and cfi.c.
 */
#ifndef AUTOPSY_SYMBOL_FILE_H
#define AUTOPSY_SYMBOL_FILE_H

#include <libelf.h>

#include "symbols.h"

struct elf_segment {
	uint64_t vaddr, paddr, memsz, filesz, offset;
	bool r, w, x;
};

struct elf_section {
	uint64_t addr, size;
	const char *name; /* in the file; terminated */
};

struct elf_symbol {
	uint64_t addr, size;
	const char *name; /* in the file; terminated */
	uint32_t section; /* index in sections[], which may be beyond its end */
	enum symbol_kind kind;
	bool global, absolute;
};

struct line_table;

struct symbol_file {
	char *name;
	void *owned; /* the bytes, when this file has read them itself */
	const uint8_t *bytes;
	size_t size;
	Elf *elf;
	bool is64;
	struct elf_segment *segments;
	size_t segment_count;
	struct elf_section *sections; /* by ELF section index */
	size_t section_count;
	struct elf_symbol *symbols; /* by address; filled in at the first lookup */
	size_t symbol_count;
	bool symbols_loaded;
	struct line_table *lines; /* DWARF; opened at the first lookup */
	bool lines_tried;
};

/* Takes over owned (may be NULL) on success only. NULL with a sentence in error when it is not an
 * x86 ELF program. */
struct symbol_file *symbol_file_create(const char *name, const void *bytes, size_t size,
	void *owned, char *error, size_t error_size);
void symbol_file_destroy(struct symbol_file *file);

/* The segment that holds a file address, or NULL. */
const struct elf_segment *symbol_file_segment(const struct symbol_file *file, uint64_t addr);
/* The same by p_paddr, only for segments whose p_paddr differs from their p_vaddr. */
const struct elf_segment *symbol_file_segment_physical(
	const struct symbol_file *file, uint64_t addr);
const struct elf_section *symbol_file_section(const struct symbol_file *file, uint64_t addr);
const struct elf_symbol *symbol_file_find(struct symbol_file *file, uint64_t addr);
const struct elf_symbol *symbol_file_find_name(struct symbol_file *file, const char *name);
/* Symbol n by address; NULL behind the last. */
const struct elf_symbol *symbol_file_nth(struct symbol_file *file, size_t n);

/* DWARF of the file, NULL when it has none that can be used. Owned by the file. */
struct line_table *symbol_file_lines(struct symbol_file *file);

/* Copies text to buf[size] with every byte outside printable ASCII, and the backslash, as \xNN;
 * "..." when cut. */
void escape_name(char *buf, size_t size, const char *text);

#endif
