/* SPDX-License-Identifier: MIT */
/*
 * change.h: what was found, in the user's terms: stretches of the file with their addresses,
 * sections, symbols and source lines, and the functions they lie in.
 */
#ifndef BISECT_CHANGE_H
#define BISECT_CHANGE_H

#include "autopsy/symbols.h"
#include "diff.h"

/* A stretch of bytes that differs. */
struct change {
	uint64_t offset, size;        /* in the file */
	const struct diff_atom *atom; /* the symbol that it is, or NULL */
	bool beyond;                  /* BAD loads it, GOOD does not */
	bool loaded;      /* what follows is known; else it is a part of the ELF headers */
	uint64_t address; /* linear */
	char section[SYMBOL_NAME_MAX];
	bool has_symbol, has_line, code;
	struct symbol symbol;
	struct source_line line;
};

/* A function, or as much around a change as can be shown without one. */
struct changed_code {
	const struct diff_atom *atom; /* as of the change */
	uint64_t address, size;       /* linear */
	uint64_t offset;              /* in the file */
	char name[SYMBOL_NAME_MAX];   /* "" when there is no symbol */
	bool has_line;
	struct source_line line; /* of the first change in it */
};

struct changes {
	struct change *at; /* by offset */
	unsigned count;
	struct changed_code *code; /* by address */
	unsigned code_count;
};

/* Names all pieces of the set's atoms. symbols may be empty. Free it with changes_free(). */
bool changes_make(struct changes *changes, const struct diff *diff, const struct set *set,
	struct symbols *symbols, struct error *err);
void changes_free(struct changes *changes);

/* Puts the atoms of each symbol into one group of level 0, for a quicker search. */
void changes_group(struct diff *diff, struct symbols *symbols);

#endif
