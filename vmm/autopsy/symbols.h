/* SPDX-License-Identifier: MIT */
/*
 * symbols.h: names for addresses. A set of ELF files, each with the addresses at which it lies in
 * the guest; from an address to function, source line, section and rights, from a name to an
 * address, and the bytes that the file has for an address. Files are hostile input: sizes are
 * bounded, names are escaped, damaged parts are treated as missing.
 */
#ifndef AUTOPSY_SYMBOLS_H
#define AUTOPSY_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYMBOL_NAME_MAX 128
#define SOURCE_PATH_MAX 256

struct symbols;
struct symbol_file;

enum symbol_kind { SYMBOL_FUNCTION, SYMBOL_OBJECT, SYMBOL_LABEL };

/* Names are printable ASCII: other bytes appear as \xNN, and what is too long ends in "...". */
struct symbol {
	char name[SYMBOL_NAME_MAX];
	enum symbol_kind kind;
	uint64_t address; /* in the guest */
	uint64_t size;    /* 0: the file does not tell */
	uint64_t offset;  /* of the address asked for */
	const char *file; /* as given to symbols_add(), owned by the set */
	bool physical;    /* address is where the file's p_paddr says, not its p_vaddr: code before
	                     paging */
};

struct source_line {
	char path[SOURCE_PATH_MAX]; /* escaped as names are */
	unsigned line, column;      /* column 0: not known */
};

/* One step of an inlined call chain. */
struct source_frame {
	char function[SYMBOL_NAME_MAX];
	struct source_line at;
	bool has_line;
};

enum segment_kind { SEGMENT_CODE, SEGMENT_RODATA, SEGMENT_DATA, SEGMENT_BSS };

struct symbol_segment {
	enum segment_kind kind;
	bool readable, writable, executable; /* p_flags */
	uint64_t start, size;                /* of the PT_LOAD, in the guest */
	char section[SYMBOL_NAME_MAX];       /* "" when no section covers the address */
	uint64_t section_start, section_size;
	const char *file;
	bool physical;
};

/* An empty set; NULL when memory is short. symbols_destroy() takes NULL too. */
struct symbols *symbols_create(void);
void symbols_destroy(struct symbols *set);

/*
 * Adds the ELF file at path: guest address = file address + bias. Only guest addresses in [first,
 * last] are looked up in it (0 and UINT64_MAX: all). Of several files that know an address, the one
 * added first wins. Reads headers only. False with a sentence in error when the file is not usable.
 */
bool symbols_add(struct symbols *set, const char *path, uint64_t bias, uint64_t first,
	uint64_t last, char *error, size_t error_size);

/* The same for a file in memory, which must stay until symbols_destroy(); name is copied. */
bool symbols_add_memory(struct symbols *set, const char *name, const void *bytes, size_t size,
	uint64_t bias, uint64_t first, uint64_t last, char *error, size_t error_size);

/* Number of files in the set. */
unsigned symbols_count(const struct symbols *set);

/* The function, object or label that holds the address. Never one that ends before it. */
bool symbols_find_address(struct symbols *set, uint64_t address, struct symbol *out);

/* The symbol of that (unescaped) name, globals before locals. offset is 0. */
bool symbols_find_name(struct symbols *set, const char *name, struct symbol *out);

/* Symbol n of the first file, by address, when it names code; false when it does not. *more says
 * whether there is such a symbol at all. */
bool symbols_nth_code(struct symbols *set, size_t n, struct symbol *out, bool *more);

/* Moves all files by so many bytes, as when each had been added with that much more bias. */
void symbols_move(struct symbols *set, uint64_t by);

/* Source line of the instruction at address, from DWARF; opened at the first call. */
bool symbols_find_line(struct symbols *set, uint64_t address, struct source_line *out);

/*
 * The chain of inlined calls at address, innermost first and the real function last, up to max
 * frames. Each at is the line reached in that function. Returns the number of frames; 0 when there
 * is no DWARF for the address.
 */
unsigned symbols_find_inlines(
	struct symbols *set, uint64_t address, struct source_frame *out, unsigned max);

/* The PT_LOAD segment, and the section, that hold the address. */
bool symbols_find_segment(struct symbols *set, uint64_t address, struct symbol_segment *out);

/*
 * Copies what the file says should be in memory at address (zeros for bss), up to n bytes within
 * one segment. Returns the number of bytes; 0 when no segment holds the address. Relocations that a
 * loader applies are not modelled.
 */
size_t symbols_read(struct symbols *set, uint64_t address, void *buf, size_t n);

/*
 * The file that holds the address, with that address as the file counts it in *file_address. NULL
 * when none does. For code of the autopsy that needs more of the file than a name.
 */
struct symbol_file *symbols_file_at(struct symbols *set, uint64_t address, uint64_t *file_address);

/* "name+0x12" or "name" into buf; false and "" when no symbol holds the address. */
bool symbols_format(struct symbols *set, uint64_t address, char *buf, size_t size);

#endif
