/* SPDX-License-Identifier: MIT */
/*
 * dwarf_guard.c: keeps from libdw what would cost it unbounded time or memory, or make it open
 * other files: inflation bombs (System V ABI, "Section Compression"), links to supplementary files
 * (DWARF 5, 7.3.6), and abbreviations with thousands of attributes that take no bytes in an entry
 * (DWARF 5, 7.5.3 "Abbreviations Tables").
 */
#include "dwarf_guard.h"

#include <gelf.h>
#include <string.h>

/* No deflate stream grows by more than this: 258 bytes from 2 bits, plus the block's overhead. */
#define DEFLATE_RATIO_MAX 1032
#define INFLATED_MAX      (1ull << 30)

/* Compilers write about a dozen attributes an abbreviation. */
#define ATTRIBUTES_MAX 64

static bool inflates_sanely(Elf_Scn *scn, const GElf_Shdr *header)
{
	GElf_Chdr compressed;

	if (!(header->sh_flags & SHF_COMPRESSED))
		return true;
	if (!gelf_getchdr(scn, &compressed))
		return false;
	return compressed.ch_size <= INFLATED_MAX &&
	       compressed.ch_size / DEFLATE_RATIO_MAX <= header->sh_size;
}

bool dwarf_guard_sections(Elf *elf)
{
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return false;
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr header;
		const char *name;

		if (!gelf_getshdr(scn, &header))
			return false;
		name = elf_strptr(elf, names, header.sh_name);
		if (!name)
			continue;
		if (!strncmp(name, ".zdebug", 7) || !strcmp(name, ".gnu_debugaltlink") ||
			!strcmp(name, ".debug_sup"))
			return false;
		if (!inflates_sanely(scn, &header))
			return false;
	}
	return true;
}

static bool skip_leb(const uint8_t **p, const uint8_t *end, uint64_t *value)
{
	unsigned shift = 0;

	*value = 0;
	while (*p < end) {
		uint8_t byte = *(*p)++;

		if (shift < 64)
			*value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

/* One abbreviation from *p on; *last is set at the end of its table. */
static bool scan_abbreviation(const uint8_t **p, const uint8_t *end, bool *last)
{
	uint64_t code, tag, name, form, ignored;

	if (!skip_leb(p, end, &code))
		return false;
	*last = code == 0;
	if (*last)
		return true;
	if (!skip_leb(p, end, &tag) || *p == end)
		return false;
	(*p)++;
	for (unsigned n = 0; n < ATTRIBUTES_MAX; n++) {
		if (!skip_leb(p, end, &name) || !skip_leb(p, end, &form))
			return false;
		if (form == 0x21 && !skip_leb(p, end, &ignored)) /* DW_FORM_implicit_const */
			return false;
		if (!name && !form)
			return true;
	}
	return false;
}

static bool scan_table(const uint8_t *p, const uint8_t *end, uint64_t *budget)
{
	bool last = false;

	while (!last) {
		const uint8_t *from = p;

		if (p == end)
			return true;
		if (!scan_abbreviation(&p, end, &last) || (uint64_t)(p - from) > *budget)
			return false;
		*budget -= (uint64_t)(p - from);
	}
	return true;
}

static Elf_Data *find_data(Elf *elf, const char *wanted)
{
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr header;
		const char *name;

		if (!gelf_getshdr(scn, &header))
			return NULL;
		name = elf_strptr(elf, names, header.sh_name);
		if (name && !strcmp(name, wanted))
			return elf_getdata(scn, NULL);
	}
	return NULL;
}

bool dwarf_guard_abbreviations(Elf *elf, Dwarf *dwarf)
{
	/* libdw has inflated the sections by now: the data is what it reads itself. */
	Elf_Data *data = find_data(elf, ".debug_abbrev");
	Dwarf_Off offset = 0, next, table, done = UINT64_MAX;
	uint64_t budget;
	size_t header_size;

	if (!data || !data->d_buf)
		return true;
	budget = 4 * (uint64_t)data->d_size + 65536;
	while (dwarf_next_unit(dwarf, offset, &next, &header_size, NULL, &table, NULL, NULL, NULL,
		       NULL) == 0) {
		const uint8_t *bytes = data->d_buf;

		if (table != done && table < data->d_size &&
			!scan_table(bytes + table, bytes + data->d_size, &budget))
			return false;
		done = table;
		if (next <= offset)
			return false;
		offset = next;
	}
	return true;
}
