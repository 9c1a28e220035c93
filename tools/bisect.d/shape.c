/* SPDX-License-Identifier: MIT */
/*
 * shape.c: the headers, which say where everything goes: of ELF, of flat images, of Multiboot
 * (specifications 0.6.96 and 2.0, 3.1 "OS image format").
 */
#include "shape.h"

#include <elf.h>
#include <string.h>

#include "guest_abi.h"

#define SEARCHED 32768u /* bytes in which a Multiboot header may lie */
#define MAGIC_1  0x1badb002u
#define MAGIC_2  0xe85250d6u
#define HEADER   32u /* bytes of one that are looked at */

struct table {
	uint64_t offset, size;
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
		return (struct table){
			ehdr64.e_phoff, (uint64_t)ehdr64.e_phnum * ehdr64.e_phentsize};
	return (struct table){ehdr32.e_phoff, (uint64_t)ehdr32.e_phnum * ehdr32.e_phentsize};
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

static size_t put_all(uint8_t *to, const struct content *image)
{
	struct table table = program_headers(image);
	size_t end = image->size < SEARCHED ? image->size : SEARCHED;
	size_t n = put(to, image, 0, sizeof(struct vmm_flat_header));

	n += put(to ? to + n : NULL, image, table.offset, table.size);
	for (size_t at = 0; at + 4 <= end; at += 4) {
		uint32_t word;

		memcpy(&word, image->bytes + at, sizeof(word));
		if (word != MAGIC_1 && word != MAGIC_2)
			continue;
		n += put(to ? to + n : NULL, image, at, HEADER);
		/* One that has moved is another. */
		if (to)
			memcpy(to + n, &at, sizeof(at));
		n += sizeof(at);
	}
	return n;
}

bool shape_copy(struct content *shape, const struct content *image, struct error *err)
{
	if (!content_alloc(shape, put_all(NULL, image), err))
		return false;
	put_all(shape->bytes, image);
	return true;
}
