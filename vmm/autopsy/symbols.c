/* SPDX-License-Identifier: MIT */
/*
 * symbols.c: the set of symbol files: which file holds an address, guest addresses to file
 * addresses and back, and reading files from disk. What is inside a file is the work of
 * symbol_file.c and symbol_lines.c.
 */
#include "symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbol_file.h"
#include "symbol_lines.h"

#define FILES_MAX     64
#define FILE_SIZE_MAX (2ull << 30)

struct symbols_entry {
	struct symbol_file *file;
	uint64_t bias, first, last;
};

struct symbols {
	struct symbols_entry entries[FILES_MAX];
	unsigned count;
};

/* A file that holds an address, and the address as the file counts it. */
struct located {
	const struct symbols_entry *entry;
	const struct elf_segment *segment;
	uint64_t addr;
	uint64_t shift; /* guest address - file address */
	bool physical;
};

struct symbols *symbols_create(void)
{
	return calloc(1, sizeof(struct symbols));
}

void symbols_destroy(struct symbols *set)
{
	if (!set)
		return;
	for (unsigned i = 0; i < set->count; i++)
		symbol_file_destroy(set->entries[i].file);
	free(set);
}

unsigned symbols_count(const struct symbols *set)
{
	return set->count;
}

static bool add_file(
	struct symbols *set, struct symbol_file *file, uint64_t bias, uint64_t first, uint64_t last)
{
	if (!file)
		return false;
	set->entries[set->count++] = (struct symbols_entry){file, bias, first, last};
	return true;
}

/* Reads instead of mapping: a file that is rebuilt meanwhile must not turn into SIGBUS. */
static void *read_fd(int fd, size_t size)
{
	uint8_t *bytes = malloc(size);
	size_t done = 0;

	while (bytes && done < size) {
		ssize_t n = read(fd, bytes + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			free(bytes);
			return NULL;
		}
		done += (size_t)n;
	}
	return bytes;
}

static void *read_file(const char *path, size_t *size, char *error, size_t error_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *bytes = NULL;

	if (fd < 0 || fstat(fd, &st) < 0) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_size <= 0) {
		snprintf(error, error_size, "%s: not a file with contents", path);
	} else if ((uint64_t)st.st_size > FILE_SIZE_MAX) {
		snprintf(error, error_size, "%s: larger than 2 GiB", path);
	} else {
		*size = (size_t)st.st_size;
		bytes = read_fd(fd, *size);
		if (!bytes)
			snprintf(error, error_size, "%s: cannot be read", path);
	}
	if (fd >= 0)
		close(fd);
	return bytes;
}

static bool has_room(const struct symbols *set, const char *name, char *error, size_t error_size)
{
	if (set->count < FILES_MAX)
		return true;
	snprintf(error, error_size, "%s: more than %d symbol files", name, FILES_MAX);
	return false;
}

bool symbols_add(struct symbols *set, const char *path, uint64_t bias, uint64_t first,
	uint64_t last, char *error, size_t error_size)
{
	size_t size = 0;
	struct symbol_file *file;
	void *bytes;

	if (!has_room(set, path, error, error_size))
		return false;
	bytes = read_file(path, &size, error, error_size);
	if (!bytes)
		return false;
	file = symbol_file_create(path, bytes, size, bytes, error, error_size);
	if (!file)
		free(bytes);
	return add_file(set, file, bias, first, last);
}

bool symbols_add_memory(struct symbols *set, const char *name, const void *bytes, size_t size,
	uint64_t bias, uint64_t first, uint64_t last, char *error, size_t error_size)
{
	if (!has_room(set, name, error, error_size))
		return false;
	return add_file(set, symbol_file_create(name, bytes, size, NULL, error, error_size), bias,
		first, last);
}

static bool locate_in(
	const struct symbols_entry *entry, uint64_t address, bool physical, struct located *out)
{
	const struct elf_segment *segment;
	uint64_t addr = address - entry->bias;

	if (address < entry->first || address > entry->last)
		return false;
	segment = physical ? symbol_file_segment_physical(entry->file, addr)
	                   : symbol_file_segment(entry->file, addr);
	if (!segment)
		return false;
	if (physical)
		addr = addr - segment->paddr + segment->vaddr;
	*out = (struct located){entry, segment, addr, address - addr, physical};
	return true;
}

/* Virtual addresses of any file before physical ones. */
static bool locate(const struct symbols *set, uint64_t address, struct located *out)
{
	for (int physical = 0; physical < 2; physical++)
		for (unsigned i = 0; i < set->count; i++)
			if (locate_in(&set->entries[i], address, physical, out))
				return true;
	return false;
}

struct symbol_file *symbols_file_at(struct symbols *set, uint64_t address, uint64_t *file_address)
{
	struct located at;

	if (!locate(set, address, &at))
		return NULL;
	*file_address = at.addr;
	return at.entry->file;
}

static void fill_symbol(struct symbol *out, const struct elf_symbol *s, const char *file)
{
	*out = (struct symbol){
		.kind = s->kind,
		.address = s->addr,
		.size = s->size,
		.file = file,
	};
	escape_name(out->name, sizeof(out->name), s->name);
}

bool symbols_find_address(struct symbols *set, uint64_t address, struct symbol *out)
{
	struct located at;
	const struct elf_symbol *s;

	if (!locate(set, address, &at))
		return false;
	s = symbol_file_find(at.entry->file, at.addr);
	if (!s)
		return false;
	fill_symbol(out, s, at.entry->file->name);
	out->address += at.shift;
	out->offset = address - out->address;
	out->physical = at.physical;
	return true;
}

bool symbols_find_name(struct symbols *set, const char *name, struct symbol *out)
{
	for (unsigned i = 0; i < set->count; i++) {
		const struct symbols_entry *entry = &set->entries[i];
		const struct elf_symbol *s = symbol_file_find_name(entry->file, name);

		if (!s)
			continue;
		fill_symbol(out, s, entry->file->name);
		if (!s->absolute)
			out->address += entry->bias;
		return true;
	}
	return false;
}

bool symbols_nth_code(struct symbols *set, size_t n, struct symbol *out, bool *more)
{
	const struct symbols_entry *entry = set->entries;
	const struct elf_symbol *s = set->count ? symbol_file_nth(entry->file, n) : NULL;
	const struct elf_segment *segment;

	*more = s != NULL;
	if (!s || s->absolute || s->kind == SYMBOL_OBJECT)
		return false;
	segment = symbol_file_segment(entry->file, s->addr);
	if (!segment || !segment->x)
		return false;
	fill_symbol(out, s, entry->file->name);
	out->address += entry->bias;
	return true;
}

void symbols_move(struct symbols *set, uint64_t by)
{
	for (unsigned i = 0; i < set->count; i++)
		set->entries[i].bias += by;
}

bool symbols_find_line(struct symbols *set, uint64_t address, struct source_line *out)
{
	struct located at;
	struct line_table *lines;

	if (!locate(set, address, &at))
		return false;
	lines = symbol_file_lines(at.entry->file);
	return lines && line_table_find(lines, at.addr, out);
}

unsigned symbols_find_inlines(
	struct symbols *set, uint64_t address, struct source_frame *out, unsigned max)
{
	struct located at;
	struct line_table *lines;

	if (!locate(set, address, &at))
		return 0;
	lines = symbol_file_lines(at.entry->file);
	return lines ? line_table_inlines(lines, at.addr, out, max) : 0;
}

static enum segment_kind kind_of(const struct located *at)
{
	if (at->addr - at->segment->vaddr >= at->segment->filesz)
		return SEGMENT_BSS;
	if (at->segment->x)
		return SEGMENT_CODE;
	return at->segment->w ? SEGMENT_DATA : SEGMENT_RODATA;
}

bool symbols_find_segment(struct symbols *set, uint64_t address, struct symbol_segment *out)
{
	struct located at;
	const struct elf_section *section;

	if (!locate(set, address, &at))
		return false;
	*out = (struct symbol_segment){
		.kind = kind_of(&at),
		.readable = at.segment->r,
		.writable = at.segment->w,
		.executable = at.segment->x,
		.start = at.segment->vaddr + at.shift,
		.size = at.segment->memsz,
		.file = at.entry->file->name,
		.physical = at.physical,
	};
	section = symbol_file_section(at.entry->file, at.addr);
	if (section) {
		escape_name(out->section, sizeof(out->section), section->name);
		out->section_start = section->addr + at.shift;
		out->section_size = section->size;
	}
	return true;
}

size_t symbols_read(struct symbols *set, uint64_t address, void *buf, size_t n)
{
	struct located at;
	uint64_t offset;
	size_t from_file = 0;

	if (!locate(set, address, &at))
		return 0;
	offset = at.addr - at.segment->vaddr;
	if (n > at.segment->memsz - offset)
		n = at.segment->memsz - offset;
	if (offset < at.segment->filesz) {
		from_file = at.segment->filesz - offset < n ? at.segment->filesz - offset : n;
		memcpy(buf, at.entry->file->bytes + at.segment->offset + offset, from_file);
	}
	memset((uint8_t *)buf + from_file, 0, n - from_file);
	return n;
}

bool symbols_format(struct symbols *set, uint64_t address, char *buf, size_t size)
{
	struct symbol s;

	if (size)
		*buf = '\0';
	if (!set || !symbols_find_address(set, address, &s))
		return false;
	if (s.offset)
		snprintf(buf, size, "%s+0x%llx", s.name, (unsigned long long)s.offset);
	else
		snprintf(buf, size, "%s", s.name);
	return true;
}
