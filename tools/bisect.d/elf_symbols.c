/* SPDX-License-Identifier: MIT */
/*
 * elf_symbols.c: reading symbol tables through libelf, and pairing them by name. Follows the System
 * V ABI, chapter 4 "Symbol Table": a local symbol belongs to the STT_FILE symbol before it.
 */
#include "elf_symbols.h"

#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "elf_reach.h"

#define SPAN_SEARCH 64 /* symbols before an address that are looked at */

struct reader {
	Elf *elf;
	Elf_Data *names;
	const struct content *content;
	struct elf_syms *syms;
	const char *file;
};

static const char *name_at(const struct reader *reader, size_t offset)
{
	const char *text = reader->names->d_buf;

	if (offset >= reader->names->d_size ||
		!memchr(text + offset, 0, reader->names->d_size - offset))
		return "";
	return text + offset;
}

static bool section_of(const struct reader *reader, const GElf_Sym *sym, GElf_Shdr *shdr)
{
	Elf_Scn *section = sym->st_shndx && sym->st_shndx < SHN_LORESERVE
	                           ? elf_getscn(reader->elf, sym->st_shndx)
	                           : NULL;

	return section && gelf_getshdr(section, shdr) && shdr->sh_flags & SHF_ALLOC &&
	       sym->st_value >= shdr->sh_addr && sym->st_value <= shdr->sh_addr + shdr->sh_size;
}

static void add_symbol(struct reader *reader, const GElf_Sym *sym)
{
	unsigned type = GELF_ST_TYPE(sym->st_info);
	bool local = GELF_ST_BIND(sym->st_info) == STB_LOCAL;
	const char *name = name_at(reader, sym->st_name);
	GElf_Shdr shdr;
	const struct content *content = reader->content;
	uint64_t room, at;
	bool there;

	if (type == STT_FILE)
		reader->file = name;
	if (type > STT_FUNC || !*name || !section_of(reader, sym, &shdr))
		return;
	room = shdr.sh_addr + shdr.sh_size - sym->st_value;
	at = shdr.sh_offset + (sym->st_value - shdr.sh_addr);
	there = shdr.sh_type != SHT_NOBITS && at < content->size && room <= content->size - at;
	reader->syms->at[reader->syms->count++] = (struct elf_sym){.name = name,
		.file = local ? reader->file : "",
		.mate = NO_MATE,
		.address = sym->st_value,
		.size = sym->st_size < room ? sym->st_size : room,
		.slot = room,
		.bytes = there ? content->bytes + at : NULL,
		.code = shdr.sh_flags & SHF_EXECINSTR,
		.sized = type != STT_NOTYPE && sym->st_size};
}

static int by_address(const void *a, const void *b)
{
	const struct elf_sym *left = a, *right = b;

	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	if (left->size != right->size)
		return left->size > right->size ? -1 : 1;
	return strcmp(left->name, right->name);
}

/* Up to the next symbol at a higher address. */
static void cut_slots(struct elf_syms *syms)
{
	uint64_t next = UINT64_MAX, here = UINT64_MAX;

	for (uint32_t i = syms->count; i-- > 0;) {
		struct elf_sym *sym = &syms->at[i];

		if (sym->address != here)
			next = here;
		here = sym->address;
		if (next - here < sym->slot)
			sym->slot = next - here;
	}
}

static bool read_table(struct reader *reader, Elf_Scn *section, const GElf_Shdr *shdr)
{
	Elf_Scn *strings = elf_getscn(reader->elf, shdr->sh_link);
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym sym;
	int n;

	reader->names = strings ? elf_getdata(strings, NULL) : NULL;
	if (!data || !shdr->sh_entsize || !reader->names || !reader->names->d_buf)
		return false;
	n = (int)(data->d_size / shdr->sh_entsize);
	reader->syms->at = calloc((size_t)n + 1, sizeof(reader->syms->at[0]));
	for (int i = 0; reader->syms->at && i < n && gelf_getsym(data, i, &sym); i++)
		add_symbol(reader, &sym);
	return reader->syms->at != NULL;
}

bool elf_syms_read(
	struct elf_syms *syms, const char *path, const struct content *content, struct error *err)
{
	struct reader reader = {.content = content, .syms = syms, .file = ""};
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;

	*syms = (struct elf_syms){0};
	elf_version(EV_CURRENT);
	reader.elf = elf_memory((char *)content->bytes, content->size);
	while (reader.elf && (section = elf_nextscn(reader.elf, section)))
		if (gelf_getshdr(section, &shdr) && shdr.sh_type == SHT_SYMTAB &&
			read_table(&reader, section, &shdr))
			break;
	if (syms->count)
		qsort(syms->at, syms->count, sizeof(syms->at[0]), by_address);
	cut_slots(syms);
	elf_syms_reach(syms, reader.elf && gelf_getclass(reader.elf) == ELFCLASS64 ? 64 : 32);
	/* Names lie in the content, since it is in memory. */
	elf_end(reader.elf);
	return syms->count ||
	       error_set(err, STATUS_IMAGE,
		       "%s: no symbols: build it without -s, or take --by bytes", path);
}

void elf_syms_free(struct elf_syms *syms)
{
	free(syms->at);
	*syms = (struct elf_syms){0};
}

static int by_name(const void *a, const void *b)
{
	const struct elf_sym *left = *(struct elf_sym *const *)a;
	const struct elf_sym *right = *(struct elf_sym *const *)b;
	int order = strcmp(left->name, right->name);

	if (!order)
		order = strcmp(left->file, right->file);
	if (!order)
		order = left->address < right->address ? -1 : left->address > right->address;
	return order;
}

static bool same_name(const struct elf_sym *a, const struct elf_sym *b)
{
	return !strcmp(a->name, b->name) && !strcmp(a->file, b->file);
}

static struct elf_sym **sorted(struct elf_syms *syms)
{
	struct elf_sym **order = calloc(syms->count + 1, sizeof(order[0]));

	for (uint32_t i = 0; order && i < syms->count; i++)
		order[i] = &syms->at[i];
	if (!order)
		return NULL;
	qsort(order, syms->count, sizeof(order[0]), by_name);
	for (uint32_t i = 1; i < syms->count; i++)
		if (same_name(order[i - 1], order[i]))
			order[i]->nth = order[i - 1]->nth + 1;
	return order;
}

static void pair_up(
	struct elf_syms *a, struct elf_sym *left, struct elf_syms *b, struct elf_sym *right)
{
	left->mate = (uint32_t)(right - b->at);
	right->mate = (uint32_t)(left - a->at);
}

static void match_files(
	struct elf_syms *a, struct elf_sym **left, struct elf_syms *b, struct elf_sym **right)
{
	uint32_t i = 0, j = 0;

	while (i < a->count && j < b->count) {
		int order = strcmp(left[i]->name, right[j]->name);

		if (!order)
			order = strcmp(left[i]->file, right[j]->file);
		if (!order)
			order = left[i]->nth < right[j]->nth ? -1 : left[i]->nth > right[j]->nth;
		if (!order)
			pair_up(a, left[i], b, right[j]);
		i += order <= 0;
		j += order >= 0;
	}
}

static bool is_alone(struct elf_sym *const *order, uint32_t count, uint32_t i)
{
	return (!i || strcmp(order[i - 1]->name, order[i]->name) != 0) &&
	       (i + 1 == count || strcmp(order[i + 1]->name, order[i]->name) != 0);
}

/* Moves what has no mate to the front, in order; returns how many those are. */
static uint32_t keep_lonely(struct elf_sym **order, uint32_t count)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < count; i++)
		if (order[i]->mate == NO_MATE)
			order[used++] = order[i];
	return used;
}

/* Source files may have other names, or have been cut otherwise: a name that is left over once in
 * both programs is the same thing. */
static void match_names(
	struct elf_syms *a, struct elf_sym **left, struct elf_syms *b, struct elf_sym **right)
{
	uint32_t lefts = keep_lonely(left, a->count), rights = keep_lonely(right, b->count);
	uint32_t i = 0, j = 0;

	while (i < lefts && j < rights) {
		int order = strcmp(left[i]->name, right[j]->name);

		if (!order && is_alone(left, lefts, i) && is_alone(right, rights, j))
			pair_up(a, left[i], b, right[j]);
		i += order <= 0;
		j += order >= 0;
	}
}

bool elf_syms_match(struct elf_syms *a, struct elf_syms *b, struct error *err)
{
	struct elf_sym **left = sorted(a), **right = sorted(b);
	bool ok = left && right;

	if (ok) {
		match_files(a, left, b, right);
		match_names(a, left, b, right);
	}
	free(left);
	free(right);
	return ok || error_errno(err, STATUS_HOST, "memory for symbols");
}

/* The number of symbols at or before the address. */
static uint32_t count_before(const struct elf_syms *syms, uint64_t address)
{
	uint32_t low = 0, high = syms->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (syms->at[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct elf_sym *elf_syms_find(const struct elf_syms *syms, uint64_t address)
{
	const struct elf_sym *label = NULL;
	uint32_t n = count_before(syms, address);

	for (uint32_t i = n; i > 0 && n - i < SPAN_SEARCH; i--) {
		const struct elf_sym *sym = &syms->at[i - 1];

		if (sym->sized && address - sym->address < sym->size)
			return sym;
		if (sym->address == address)
			label = sym;
	}
	return label;
}

const struct elf_sym *elf_syms_find_near(const struct elf_syms *syms, uint64_t address)
{
	const struct elf_sym *sym = elf_syms_find(syms, address);
	uint32_t n = count_before(syms, address);

	if (sym || !n)
		return sym;
	sym = &syms->at[n - 1];
	return address - sym->address < sym->slot ? sym : NULL;
}

const struct elf_sym *elf_syms_find_end(const struct elf_syms *syms, uint64_t address)
{
	uint32_t n = count_before(syms, address);

	for (uint32_t i = n; i > 0 && n - i < SPAN_SEARCH; i--)
		if (syms->at[i - 1].sized &&
			syms->at[i - 1].address + syms->at[i - 1].size == address)
			return &syms->at[i - 1];
	return NULL;
}
