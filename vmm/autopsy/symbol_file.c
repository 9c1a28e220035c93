/* SPDX-License-Identifier: MIT */
/*
 * symbol_file.c: reads segments, sections and symbols of one ELF file through libelf, and answers
 * which of them hold an address. Follows the System V ABI, "Object Files". Every count is bounded
 * by the file's size; what libelf cannot read is left out.
 */
#include <elf.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbol_file.h"
#include "symbol_lines.h"

/* How far before an address a symbol that spans it is looked for. */
#define SPAN_SEARCH 256

void escape_name(char *buf, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= 0x20 && c < 0x7f && c != '\\';

		if (used + (plain ? 1 : 4) + 4 > size) {
			memcpy(buf + used, "...", 4);
			return;
		}
		if (plain) {
			buf[used++] = (char)c;
			continue;
		}
		buf[used++] = '\\';
		buf[used++] = 'x';
		buf[used++] = hex[c >> 4];
		buf[used++] = hex[c & 15];
	}
	buf[used] = '\0';
}

static bool fail(char *error, size_t size, const char *name, const char *what)
{
	snprintf(error, size, "%s: %s", name, what);
	return false;
}

static bool check_header(struct symbol_file *file, char *error, size_t error_size)
{
	GElf_Ehdr header;

	if (!file->elf || elf_kind(file->elf) != ELF_K_ELF || !gelf_getehdr(file->elf, &header))
		return fail(error, error_size, file->name, "not an ELF file");
	if (header.e_machine != EM_X86_64 && header.e_machine != EM_386)
		return fail(error, error_size, file->name, "ELF file for another machine");
	if (header.e_ident[EI_DATA] != ELFDATA2LSB)
		return fail(error, error_size, file->name, "big-endian ELF file");
	if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
		return fail(error, error_size, file->name, "not a linked program");
	file->is64 = header.e_ident[EI_CLASS] == ELFCLASS64;
	return true;
}

static void read_segments(struct symbol_file *file)
{
	size_t count = 0;

	if (elf_getphdrnum(file->elf, &count) || count > file->size / sizeof(Elf32_Phdr))
		return;
	file->segments = calloc(count ? count : 1, sizeof(*file->segments));
	if (!file->segments)
		return;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr p;
		struct elf_segment *s = &file->segments[file->segment_count];

		if (!gelf_getphdr(file->elf, (int)i, &p) || p.p_type != PT_LOAD || !p.p_memsz)
			continue;
		*s = (struct elf_segment){
			.vaddr = p.p_vaddr,
			.paddr = p.p_paddr,
			.memsz = p.p_memsz,
			.filesz = p.p_filesz < p.p_memsz ? p.p_filesz : p.p_memsz,
			.offset = p.p_offset,
			.r = p.p_flags & PF_R,
			.w = p.p_flags & PF_W,
			.x = p.p_flags & PF_X,
		};
		if (s->offset > file->size)
			s->filesz = 0;
		else if (s->filesz > file->size - s->offset)
			s->filesz = file->size - s->offset;
		file->segment_count++;
	}
}

static void read_sections(struct symbol_file *file)
{
	size_t count = 0, names = 0;

	if (elf_getshdrnum(file->elf, &count) || elf_getshdrstrndx(file->elf, &names) ||
		count > file->size / sizeof(Elf32_Shdr))
		return;
	file->sections = calloc(count ? count : 1, sizeof(*file->sections));
	if (!file->sections)
		return;
	file->section_count = count;
	for (size_t i = 1; i < count; i++) {
		Elf_Scn *scn = elf_getscn(file->elf, i);
		GElf_Shdr s;

		if (!scn || !gelf_getshdr(scn, &s) || !(s.sh_flags & SHF_ALLOC) ||
			(s.sh_flags & SHF_TLS))
			continue;
		file->sections[i] = (struct elf_section){
			.addr = s.sh_addr,
			.size = s.sh_size,
			.name = elf_strptr(file->elf, names, s.sh_name),
		};
	}
}

struct symbol_file *symbol_file_create(const char *name, const void *bytes, size_t size,
	void *owned, char *error, size_t error_size)
{
	struct symbol_file *file = calloc(1, sizeof(*file));

	if (!file || !(file->name = strdup(name))) {
		free(file);
		fail(error, error_size, name, "out of memory");
		return NULL;
	}
	elf_version(EV_CURRENT);
	file->bytes = bytes;
	file->size = size;
	/* libelf does not write to an image that it only reads. */
	file->elf = elf_memory((char *)(uintptr_t)bytes, size);
	if (!check_header(file, error, error_size)) {
		symbol_file_destroy(file);
		return NULL;
	}
	file->owned = owned;
	read_segments(file);
	read_sections(file);
	return file;
}

void symbol_file_destroy(struct symbol_file *file)
{
	if (!file)
		return;
	line_table_close(file->lines);
	elf_end(file->elf);
	free(file->symbols);
	free(file->sections);
	free(file->segments);
	free(file->owned);
	free(file->name);
	free(file);
}

const struct elf_segment *symbol_file_segment(const struct symbol_file *file, uint64_t addr)
{
	for (size_t i = 0; i < file->segment_count; i++) {
		const struct elf_segment *s = &file->segments[i];

		if (addr >= s->vaddr && addr - s->vaddr < s->memsz)
			return s;
	}
	return NULL;
}

const struct elf_segment *symbol_file_segment_physical(
	const struct symbol_file *file, uint64_t addr)
{
	for (size_t i = 0; i < file->segment_count; i++) {
		const struct elf_segment *s = &file->segments[i];

		if (s->paddr != s->vaddr && addr >= s->paddr && addr - s->paddr < s->memsz)
			return s;
	}
	return NULL;
}

const struct elf_section *symbol_file_section(const struct symbol_file *file, uint64_t addr)
{
	for (size_t i = 0; i < file->section_count; i++) {
		const struct elf_section *s = &file->sections[i];

		if (s->name && addr >= s->addr && addr - s->addr < s->size)
			return s;
	}
	return NULL;
}

static bool symbol_usable(const GElf_Sym *sym, const char *name)
{
	unsigned type = GELF_ST_TYPE(sym->st_info);

	if (sym->st_shndx == SHN_UNDEF || sym->st_shndx == SHN_COMMON)
		return false;
	if (type != STT_FUNC && type != STT_OBJECT && type != STT_NOTYPE && type != STT_GNU_IFUNC)
		return false;
	return name && *name;
}

static enum symbol_kind symbol_kind(unsigned type)
{
	if (type == STT_FUNC || type == STT_GNU_IFUNC)
		return SYMBOL_FUNCTION;
	return type == STT_OBJECT ? SYMBOL_OBJECT : SYMBOL_LABEL;
}

/* By address; at one address functions first, then globals, so that the first of a run is the best
 * name. */
static int compare_symbols(const void *a, const void *b)
{
	const struct elf_symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	if (x->global != y->global)
		return x->global ? -1 : 1;
	return strcmp(x->name, y->name);
}

static Elf_Scn *find_table(Elf *elf, GElf_Word type, GElf_Shdr *header)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn)))
		if (gelf_getshdr(scn, header) && header->sh_type == type && header->sh_entsize)
			return scn;
	return NULL;
}

static void load_symbols(struct symbol_file *file)
{
	GElf_Shdr header;
	Elf_Scn *scn = find_table(file->elf, SHT_SYMTAB, &header);
	Elf_Data *data;
	size_t count;

	file->symbols_loaded = true;
	if (!scn)
		scn = find_table(file->elf, SHT_DYNSYM, &header);
	data = scn ? elf_getdata(scn, NULL) : NULL;
	if (!data || !data->d_buf)
		return;
	count = data->d_size / (file->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym));
	file->symbols = calloc(count ? count : 1, sizeof(*file->symbols));
	for (size_t i = 0; file->symbols && i < count && i < INT32_MAX; i++) {
		GElf_Sym sym;
		const char *name;

		if (!gelf_getsym(data, (int)i, &sym))
			break;
		name = elf_strptr(file->elf, header.sh_link, sym.st_name);
		if (!symbol_usable(&sym, name))
			continue;
		file->symbols[file->symbol_count++] = (struct elf_symbol){
			.addr = sym.st_value,
			.size = sym.st_size,
			.name = name,
			.section = sym.st_shndx,
			.kind = symbol_kind(GELF_ST_TYPE(sym.st_info)),
			.global = GELF_ST_BIND(sym.st_info) != STB_LOCAL,
			.absolute = sym.st_shndx == SHN_ABS,
		};
	}
	if (file->symbol_count)
		qsort(file->symbols, file->symbol_count, sizeof(*file->symbols), compare_symbols);
}

/* Number of symbols at or before addr. */
static size_t symbols_up_to(const struct symbol_file *file, uint64_t addr)
{
	size_t low = 0, high = file->symbol_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (file->symbols[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* A symbol without a size, as assembly writes them, reaches to the next symbol of its own section.
 */
static bool label_reaches(const struct symbol_file *file, const struct elf_symbol *s, uint64_t addr)
{
	const struct elf_section *section;

	if (s->section >= file->section_count)
		return false;
	section = &file->sections[s->section];
	return addr >= section->addr && addr - section->addr < section->size;
}

const struct elf_symbol *symbol_file_find(struct symbol_file *file, uint64_t addr)
{
	const struct elf_symbol *label = NULL, *sized = NULL;
	bool hidden = false;
	size_t i;

	if (!file->symbols_loaded)
		load_symbols(file);
	i = symbols_up_to(file, addr);
	for (unsigned steps = 0; i-- > 0 && steps < SPAN_SEARCH; steps++) {
		const struct elf_symbol *s = &file->symbols[i];

		if (s->absolute)
			continue;
		if (sized && s->addr != sized->addr)
			break;
		if (s->size && addr - s->addr < s->size)
			sized = s; /* of several at one address the last met is the best name */
		else if (s->size)
			hidden = true;
		else if (!hidden && (!label || label->addr == s->addr) &&
			 label_reaches(file, s, addr))
			label = s;
	}
	return sized ? sized : label;
}

const struct elf_symbol *symbol_file_find_name(struct symbol_file *file, const char *name)
{
	const struct elf_symbol *found = NULL;

	if (!file->symbols_loaded)
		load_symbols(file);
	for (size_t i = 0; i < file->symbol_count; i++) {
		const struct elf_symbol *s = &file->symbols[i];

		if (strcmp(s->name, name) != 0)
			continue;
		if (s->global)
			return s;
		if (!found)
			found = s;
	}
	return found;
}

const struct elf_symbol *symbol_file_nth(struct symbol_file *file, size_t n)
{
	if (!file->symbols_loaded)
		load_symbols(file);
	return n < file->symbol_count ? &file->symbols[n] : NULL;
}

struct line_table *symbol_file_lines(struct symbol_file *file)
{
	if (!file->lines_tried) {
		file->lines_tried = true;
		file->lines = line_table_open(file->elf, file->size);
	}
	return file->lines;
}
