/* SPDX-License-Identifier: MIT */
/*
 * elf.c: reads the headers of an ELF program of the class that the kernel has. System V ABI,
 * "Object Files" and "Program Loading".
 */
#include "process/elf.h"

#include <stdbool.h>

#include "errno.h"
#include "layout.h"
#include "mm/area.h"
#include "string.h"

#define ET_EXEC    2
#define ET_DYN     3
#define PT_LOAD    1
#define PT_INTERP  3
#define PF_EXECUTE 1
#define PF_WRITE   2
#define PF_READ    4

/* A program header's numbers, in whichever class. */
struct program_header {
	uint32_t type, flags;
	uint64_t offset, address, file_size, size;
};

_Static_assert(sizeof(struct elf_file_header) == ELF_HEADER_SIZE, "by the ABI");
_Static_assert(sizeof(struct elf_program_header) == ELF_PROGRAM_HEADER_SIZE, "by the ABI");

/* Class, little-endian, version 1. */
static const uint8_t ident[] = {0x7f, 'E', 'L', 'F', ELF_CLASS, 1, 1};

int elf_read_header(const void *head, size_t n, struct elf_image *image)
{
	struct elf_file_header header;

	if (n < sizeof(header))
		return -ENOEXEC;
	memcpy(&header, head, sizeof(header));
	if (memcmp(header.ident, ident, sizeof(ident)) != 0 || header.machine != ELF_MACHINE ||
		(header.type != ET_EXEC && header.type != ET_DYN) ||
		header.header_size != ELF_PROGRAM_HEADER_SIZE || !header.header_count ||
		header.header_count > ELF_PROGRAM_HEADERS)
		return -ENOEXEC;
	memset(image, 0, sizeof(*image));
	image->entry = header.entry;
	image->header_offset = header.headers;
	image->header_count = header.header_count;
	image->bias = header.type == ET_DYN;
	return 0;
}

static unsigned rights_of(uint32_t flags)
{
	return (flags & PF_READ ? AREA_READ : 0) | (flags & PF_WRITE ? AREA_WRITE : 0) |
	       (flags & PF_EXECUTE ? AREA_EXEC : 0);
}

/* Segments come in ascending order and do not share a page. */
static bool add_segment(struct elf_image *image, const struct program_header *header,
	uint64_t lowest, uint64_t limit)
{
	struct elf_segment *segment = &image->segment[image->segments];
	uint64_t address = header->address + image->bias, page = PAGE_SIZE - 1;

	if (!header->size)
		return true;
	if (image->segments == ELF_SEGMENTS || header->file_size > header->size ||
		header->address > limit || header->size > limit || address < lowest ||
		address + header->size > limit ||
		(address & ~page) < ((image->end + page) & ~page) ||
		(header->file_size && (header->offset ^ address) & page) ||
		header->offset > (1ull << 62) || header->file_size > (1ull << 62))
		return false;
	*segment = (struct elf_segment){
		address, header->size, header->offset, header->file_size, rights_of(header->flags)};
	image->segments++;
	image->end = address + header->size;
	if (image->header_offset >= header->offset &&
		image->header_offset - header->offset < header->file_size)
		image->headers = address + (image->header_offset - header->offset);
	return true;
}

static struct program_header program_header_at(const uint8_t *from)
{
	struct elf_program_header header;

	memcpy(&header, from, sizeof(header));
	return (struct program_header){header.type, header.flags, header.offset, header.address,
		header.file_size, header.size};
}

int elf_read_segments(struct elf_image *image, const void *headers, uint64_t bias, uint64_t lowest,
	uint64_t limit)
{
	image->bias = image->bias ? bias : 0;
	for (unsigned i = 0; i < image->header_count; i++) {
		struct program_header header =
			program_header_at((const uint8_t *)headers + i * ELF_PROGRAM_HEADER_SIZE);

		if (header.type == PT_INTERP)
			return -ENOEXEC;
		if (header.type == PT_LOAD && !add_segment(image, &header, lowest, limit))
			return -ENOEXEC;
	}
	image->entry += image->bias;
	if (!image->segments || image->entry >= limit)
		return -ENOEXEC;
	return 0;
}
