/* SPDX-License-Identifier: MIT */
/*
 * program_symbol.c: looks through the symbol table of a program's file: System V ABI, "Sections"
 * and "Symbol Table". Believes nothing of it: whatever is not sound has no names.
 */
#include "process/program_symbol.h"

#include "fs/files.h"
#include "mm.h"
#include "string.h"
#include "user_abi.h"

#define SECTIONS_MAX 256
#define SYMBOLS_MAX  65536
#define PIECE        32 /* symbols that are read at once */
#define SHT_SYMTAB   2
#define STT_FUNC     2

struct section_header {
	uint32_t name, type;
	user_ulong flags, address, offset, size;
	uint32_t link, info;
	user_ulong alignment, entry_size;
};

/* Bytes, or a negative number. */
static int64_t read_some(struct file *file, void *to, size_t n, uint64_t offset)
{
	return offset < 1ull << 62 ? file_read_at(file, to, n, offset) : -1;
}

static bool read_all(struct file *file, void *to, size_t n, uint64_t offset)
{
	return read_some(file, to, n, offset) == (int64_t)n;
}

static bool read_section(struct file *file, const struct elf_file_header *header, unsigned index,
	struct section_header *section)
{
	return index < header->section_count &&
	       read_all(file, section, sizeof(*section),
		       header->sections + (uint64_t)index * sizeof(*section));
}

/* The symbols, and the section of their names. */
static bool find_tables(
	struct file *file, struct section_header *symbols, struct section_header *names)
{
	struct elf_file_header header;

	if (!read_all(file, &header, sizeof(header), 0) ||
		header.section_size != sizeof(struct section_header) ||
		header.section_count > SECTIONS_MAX)
		return false;
	for (unsigned i = 0; i < header.section_count; i++) {
		if (!read_section(file, &header, i, symbols))
			return false;
		if (symbols->type == SHT_SYMTAB)
			return read_section(file, &header, symbols->link, names);
	}
	return false;
}

static bool contains(const struct elf_symbol *symbol, uint64_t address)
{
	return (symbol->info & 15) == STT_FUNC && address >= symbol->value &&
	       address - symbol->value < symbol->size;
}

static bool find_function(struct file *file, const struct section_header *symbols, uint64_t address,
	struct elf_symbol *found)
{
	uint64_t count = symbols->size / sizeof(*found);
	struct elf_symbol piece[PIECE];

	if (count > SYMBOLS_MAX)
		count = SYMBOLS_MAX;
	for (uint64_t at = 0; at < count; at += PIECE) {
		unsigned n = count - at < PIECE ? (unsigned)(count - at) : PIECE;

		if (!read_all(
			    file, piece, n * sizeof(*piece), symbols->offset + at * sizeof(*piece)))
			return false;
		for (unsigned i = 0; i < n; i++) {
			if (!contains(&piece[i], address))
				continue;
			*found = piece[i];
			return true;
		}
	}
	return false;
}

bool program_symbol_find(const struct mm *mm, uint64_t address, struct program_symbol *symbol)
{
	struct section_header symbols, names;
	struct elf_symbol found;
	int64_t n;

	if (!mm->executable || address < mm->bias ||
		!find_tables(mm->executable, &symbols, &names) ||
		!find_function(mm->executable, &symbols, address - mm->bias, &found))
		return false;
	n = read_some(mm->executable, symbol->name, sizeof(symbol->name) - 1,
		(uint64_t)names.offset + found.name);
	if (n <= 0)
		return false;
	symbol->name[n] = '\0';
	for (char *at = symbol->name; *at; at++) {
		if (*at < ' ' || *at > '~')
			*at = '?';
	}
	symbol->offset = address - mm->bias - found.value;
	return true;
}
