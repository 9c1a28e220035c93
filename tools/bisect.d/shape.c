/* SPDX-License-Identifier: MIT */
/*
 * shape.c: the headers, which say where everything goes: of ELF, of vmm, of Multiboot
 * (specifications 0.6.96 and 2.0, 3.1 "OS image format").
 */
#include "shape.h"

#include <elf.h>
#include <string.h>

#include "guest_abi.h"
#include "multiboot_info.h"

#define SEARCHED 32768u /* bytes of the file in which a Multiboot header may lie */
#define MAGIC_2  0xe85250d6u
#define HEADER   32u /* bytes of one that are looked at */

/* Program headers. */
struct table {
	uint64_t offset;
	unsigned count, size; /* of one */
	bool is64;
};

static struct table program_headers(const struct content *image)
{
	Elf64_Ehdr ehdr64;
	Elf32_Ehdr ehdr32;

	if (image->size < sizeof(ehdr64) || memcmp(image->bytes, ELFMAG, SELFMAG) != 0)
		return (struct table){0};
	memcpy(&ehdr64, image->bytes, sizeof(ehdr64));
	memcpy(&ehdr32, image->bytes, sizeof(ehdr32));
	if (image->bytes[EI_CLASS] == ELFCLASS64)
		return (struct table){ehdr64.e_phoff, ehdr64.e_phnum, ehdr64.e_phentsize, true};
	return (struct table){ehdr32.e_phoff, ehdr32.e_phnum, ehdr32.e_phentsize, false};
}

/* As much of the stretch as the image has; to NULL: only counts. */
static size_t put(uint8_t *to, const struct content *image, uint64_t offset, uint64_t size)
{
	uint64_t left = offset < image->size ? image->size - offset : 0;

	if (size > left)
		size = left;
	if (to && size)
		memcpy(to, image->bytes + offset, size);
	return size;
}

/* vmm's boot header, with which the first segment of an ELF file may begin (docs/boot-protocol.md):
 * that of each segment, and where it is. */
static size_t put_boot_headers(uint8_t *to, const struct content *image, const struct table *table)
{
	size_t n = 0;

	for (unsigned i = 0; i < table->count; i++) {
		uint64_t at = table->offset + (uint64_t)i * table->size;
		struct vmm_flat_header header;
		Elf64_Phdr phdr64 = {0};
		Elf32_Phdr phdr32 = {0};

		put((uint8_t *)&phdr64, image, at, sizeof(phdr64));
		put((uint8_t *)&phdr32, image, at, sizeof(phdr32));
		at = table->is64 ? phdr64.p_offset : phdr32.p_offset;
		if (put((uint8_t *)&header, image, at, sizeof(header)) == sizeof(header) &&
			header.magic[0] == VMM_FLAT_MAGIC_0 && header.magic[1] == VMM_FLAT_MAGIC_1)
			n += put(to ? to + n : NULL, image, at, sizeof(header));
	}
	return n;
}

static size_t put_multiboot(uint8_t *to, const struct content *image)
{
	size_t end = image->size < SEARCHED ? image->size : SEARCHED, n = 0;

	for (size_t at = 0; at + 4 <= end; at += 4) {
		uint32_t word;

		memcpy(&word, image->bytes + at, sizeof(word));
		if (word != MULTIBOOT_HEADER_MAGIC && word != MAGIC_2)
			continue;
		n += put(to ? to + n : NULL, image, at, HEADER);
		/* One that has moved is another. */
		if (to)
			memcpy(to + n, &at, sizeof(at));
		n += sizeof(at);
	}
	return n;
}

static size_t put_all(uint8_t *to, const struct content *image)
{
	struct table table = program_headers(image);
	size_t n = put(to, image, 0, sizeof(struct vmm_flat_header));

	n += put(to ? to + n : NULL, image, table.offset, (uint64_t)table.count * table.size);
	n += put_boot_headers(to ? to + n : NULL, image, &table);
	n += put_multiboot(to ? to + n : NULL, image);
	return n;
}

bool shape_copy(struct content *shape, const struct content *image, struct error *err)
{
	if (!content_alloc(shape, put_all(NULL, image), err))
		return false;
	put_all(shape->bytes, image);
	return true;
}
