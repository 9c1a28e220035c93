/* SPDX-License-Identifier: MIT */
/*
 * elf_symbols.h: functions and data objects of an ELF program, and which of another program's they
 * are the counterparts of.
 */
#ifndef BISECT_ELF_SYMBOLS_H
#define BISECT_ELF_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "content.h"

#define NO_MATE UINT32_MAX

struct elf_sym {
	const char *name; /* in the content; terminated */
	const char *file; /* STT_FILE of a local symbol, else "" */
	uint32_t nth;     /* among those of the same name and file, by address */
	uint32_t mate;    /* index in the other program's table, or NO_MATE */
	uint64_t address, size;
	uint64_t slot;        /* bytes up to the next symbol or the end of the section */
	const uint8_t *bytes; /* `slot` of them in the content; NULL: there are none (.bss) */
	bool code;            /* in an executable section */
	bool sized;   /* size is that of a function or object, or was guessed for a function */
	bool guessed; /* sized, though the file does not say how: docs/bisect.md */
	bool falls;   /* guessed, and its last instruction may go on into what follows */
};

/* By address; of equal addresses the larger first. Symbols in the slot of another one that are only
 * places in it (assembler's "name.label") have none of their own. */
struct elf_syms {
	struct elf_sym *at;
	uint32_t count;
};

/* Reads .symtab; hostile input is refused with STATUS_IMAGE. content must outlive syms. */
bool elf_syms_read(
	struct elf_syms *syms, const char *path, const struct content *content, struct error *err);
void elf_syms_free(struct elf_syms *syms);

/* Fills in the mates of both. */
bool elf_syms_match(struct elf_syms *a, struct elf_syms *b, struct error *err);

/* The symbol that holds the address: a sized one around it, else a label right there. NULL when
 * there is none. */
const struct elf_sym *elf_syms_find(const struct elf_syms *syms, uint64_t address);

/* The same, else the label in whose slot it lies. */
const struct elf_sym *elf_syms_find_near(const struct elf_syms *syms, uint64_t address);

/* The sized symbol that ends at the address, or NULL. */
const struct elf_sym *elf_syms_find_end(const struct elf_syms *syms, uint64_t address);

#endif
