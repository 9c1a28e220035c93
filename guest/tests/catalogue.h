/* SPDX-License-Identifier: MIT */
/*
 * catalogue.h: what is expected of each test image: crash/catalogue.cfg, crash/oracle.txt and
 * healthy/healthy.cfg as tables.
 */
#ifndef CATALOGUE_H
#define CATALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#define CATALOGUE_MAX 256
#define FIELD_MAX     64

/* A line of catalogue.cfg (told there), or of healthy.cfg, where only the first three fields and
 * the timeout count. */
struct expectation {
	char name[FIELD_MAX], kind[FIELD_MAX], needs[FIELD_MAX], status[FIELD_MAX],
		verdict[FIELD_MAX], vector[FIELD_MAX], symbol[FIELD_MAX], cr2[FIELD_MAX],
		timeout[FIELD_MAX];
};

/* A line of oracle.txt: what QEMU said; told in crash/oracle. */
struct oracle_line {
	char name[FIELD_MAX], chain[FIELD_MAX], first_rip[FIELD_MAX], first_cr2[FIELD_MAX],
		last_rip[FIELD_MAX], last_cr2[FIELD_MAX];
};

/* Read a file into a table of CATALOGUE_MAX lines; return their number, -1 when the file cannot be
 * read or a line has too few fields. */
int catalogue_read(const char *path, struct expectation *table);
int catalogue_read_healthy(const char *path, struct expectation *table);
int catalogue_read_oracle(const char *path, struct oracle_line *table);

/* Whether a number or a word is one of the alternatives "A|B". */
bool expectation_allows(const char *alternatives, int n);
bool expectation_allows_word(const char *alternatives, const char *word);

/* The value of "0x10", "symbol" or "symbol+0x10" by the symbol table of an ELF file. False when
 * there is none. */
bool expectation_address(const char *text, const char *elf, uint64_t *value);

#endif
