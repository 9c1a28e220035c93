/* SPDX-License-Identifier: MIT */
/*
 * write_text.h: one write to watched memory in words: what was written, by which instruction,
 * called from where.
 */
#ifndef AUTOPSY_WRITE_TEXT_H
#define AUTOPSY_WRITE_TEXT_H

#include "evidence.h"

struct write_names;

/* Symbols of the image, or of the file at symbols when that is not NULL; a file that is no ELF
 * gives no names. NULL when there is no memory. */
struct write_names *write_names_open(const char *image, const char *symbols);
void write_names_close(struct write_names *names);

/* Address and size (0: not told) of a symbol. */
bool write_names_find(
	struct write_names *names, const char *name, uint64_t *address, uint64_t *size);

/* One or more lines, NUL-terminated; free() it. NULL when there is no memory. */
char *write_names_text(
	struct write_names *names, const struct write_record *record, const struct phys_mem *mem);

/* The instruction that made the write: its RIP, exact or found by decoding back from the one behind
 * it. False when that is not sure. */
struct symbols;
bool write_find_insn(struct symbols *symbols, const struct write_record *record,
	const struct phys_mem *mem, uint64_t *rip);

#endif
