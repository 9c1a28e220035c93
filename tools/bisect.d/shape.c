/* SPDX-License-Identifier: MIT */
/*
 * shape.c: the headers, which say where everything goes: of ELF, of vmm, of Multiboot
 * (specifications 0.6.96 and 2.0, 3.1 "OS image format").
 */
#include "shape.h"

#include <string.h>

#include "elf_headers.h"
#include "guest_abi.h"
#include "multiboot_info.h"

#define SEARCHED 32768u /* bytes of the file in which a Multiboot header may lie */
#define MAGIC_2  0xe85250d6u
#define HEADER   32u /* bytes of one that are looked at */

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
static size_t put_boot_headers(
	uint8_t *to, const struct content *image, const struct elf_headers *headers)
{
	struct elf_header segment;
	size_t n = 0;

	for (unsigned i = 0; elf_header_read(image, headers, i, &segment); i++) {
		struct vmm_flat_header header;

		if (put((uint8_t *)&header, image, segment.offset, sizeof(header)) ==
				sizeof(header) &&
			header.magic[0] == VMM_FLAT_MAGIC_0 && header.magic[1] == VMM_FLAT_MAGIC_1)
			n += put(to ? to + n : NULL, image, segment.offset, sizeof(header));
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
	size_t n = put(to, image, 0, sizeof(struct vmm_flat_header));
	struct elf_headers headers;

	elf_headers_find(image, &headers);
	n += put(to ? to + n : NULL, image, headers.offset, (uint64_t)headers.count * headers.size);
	n += put_boot_headers(to ? to + n : NULL, image, &headers);
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
