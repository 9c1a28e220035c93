/* SPDX-License-Identifier: MIT */
/*
 * catalogue.c: reads the tables of expectations.
 */
#include "catalogue.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIELDS_MAX 9

/* Splits a line into fields; comments and empty lines have none. */
static int split(char *line, char *fields[FIELDS_MAX])
{
	int n = 0;
	char *rest = line;

	if (*line == '#')
		return 0;
	while (n < FIELDS_MAX && (fields[n] = strtok_r(n ? NULL : line, " \t\n", &rest)))
		n++;
	return n;
}

/* Copies `wanted` fields of each line to a table whose rows begin with that many fields; which[]
 * says where each goes. */
static int read_table(const char *path, void *table, size_t row_size, const int *which, int wanted)
{
	FILE *file = fopen(path, "r");
	char line[512], *fields[FIELDS_MAX];
	int rows = 0;

	if (!file)
		return -1;
	while (rows >= 0 && fgets(line, sizeof(line), file)) {
		int n = split(line, fields);

		if (n == 0)
			continue;
		if (n < wanted || rows == CATALOGUE_MAX) {
			rows = -1;
			break;
		}
		for (int i = 0; i < wanted; i++)
			snprintf((char *)table + rows * row_size + which[i] * FIELD_MAX, FIELD_MAX,
				"%s", fields[i]);
		rows++;
	}
	fclose(file);
	return rows;
}

int catalogue_read(const char *path, struct expectation *table)
{
	static const int which[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};

	return read_table(path, table, sizeof(*table), which, 9);
}

int catalogue_read_healthy(const char *path, struct expectation *table)
{
	static const int which[] = {0, 1, 2, 8};

	return read_table(path, table, sizeof(*table), which, 4);
}

int catalogue_read_oracle(const char *path, struct oracle_line *table)
{
	static const int which[] = {0, 1, 2, 3, 4, 5};

	return read_table(path, table, sizeof(*table), which, 6);
}

bool expectation_allows_word(const char *alternatives, const char *word)
{
	for (const char *at = alternatives;; at++) {
		size_t length = strcspn(at, "|");

		if (length == strlen(word) && strncmp(at, word, length) == 0)
			return true;
		at += length;
		if (!*at)
			return false;
	}
}

bool expectation_allows(const char *alternatives, int n)
{
	char word[16];

	snprintf(word, sizeof(word), "%d", n);
	return expectation_allows_word(alternatives, word);
}

static bool find_in_table(Elf *elf, Elf_Scn *section, const char *name, uint64_t *value)
{
	GElf_Shdr header;
	GElf_Sym symbol;
	Elf_Data *data;

	if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB)
		return false;
	data = elf_getdata(section, NULL);
	for (int i = 0; gelf_getsym(data, i, &symbol); i++) {
		const char *found = elf_strptr(elf, header.sh_link, symbol.st_name);

		if (found && strcmp(found, name) == 0) {
			*value = symbol.st_value;
			return true;
		}
	}
	return false;
}

static bool find_symbol(const char *path, const char *name, uint64_t *value)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool found = false;
	Elf *elf;

	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	for (Elf_Scn *section = NULL; !found && (section = elf_nextscn(elf, section));)
		found = find_in_table(elf, section, name, value);
	elf_end(elf);
	close(fd);
	return found;
}

bool expectation_address(const char *text, const char *elf, uint64_t *value)
{
	char name[FIELD_MAX];
	size_t length = strcspn(text, "+-");

	if (*text >= '0' && *text <= '9') {
		*value = strtoull(text, NULL, 0);
		return true;
	}
	snprintf(name, sizeof(name), "%.*s", (int)length, text);
	if (!find_symbol(elf, name, value))
		return false;
	*value += strtoll(text + length, NULL, 0);
	return true;
}
