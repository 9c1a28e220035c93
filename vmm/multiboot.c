/* SPDX-License-Identifier: MIT */
/*
 * multiboot.c: finding and following Multiboot headers.
 */
#include "multiboot.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "multiboot_info.h"

#define MAGIC_2       0xe85250d6u
#define SEARCH_1      8192  /* bytes of the file in which the whole header lies */
#define SEARCH_2      32768 /* Multiboot 2 specification, 3.1.1 */
#define HAS_ADDRESSES (1u << 16)
#define KNOWN \
	0x7u /* page-aligned modules, memory, video; what else is below bit 16 must be known */

/* Twelve bytes whose sum is zero, on a boundary of four; with the addresses that they announce. */
static bool is_header_1(const uint32_t *word, size_t left)
{
	return left >= 3 && word[0] == MULTIBOOT_HEADER_MAGIC && word[0] + word[1] + word[2] == 0 &&
	       (left >= 8 || !(word[1] & HAS_ADDRESSES));
}

/* Sixteen bytes, on a boundary of eight. */
static bool is_header_2(const uint32_t *word, size_t left)
{
	return left >= 4 && word[0] == MAGIC_2 && word[0] + word[1] + word[2] + word[3] == 0;
}

static void read_header(struct multiboot_header *header, const uint32_t *word)
{
	header->flags = word[1];
	if (!(header->flags & HAS_ADDRESSES))
		return;
	header->header_addr = word[3];
	header->load_addr = word[4];
	header->load_end_addr = word[5];
	header->bss_end_addr = word[6];
	header->entry_addr = word[7];
}

enum multiboot multiboot_find(const struct image *image, struct multiboot_header *header)
{
	uint32_t words[SEARCH_2 / 4];
	ssize_t got = pread(image->fd, words, sizeof(words), 0);
	size_t n = got > 0 ? (size_t)got / 4 : 0;
	size_t n1 = n < SEARCH_1 / 4 ? n : SEARCH_1 / 4;

	*header = (struct multiboot_header){0};
	for (size_t i = 0; i < n1; i++) {
		if (!is_header_1(words + i, n1 - i))
			continue;
		header->offset = i * 4;
		read_header(header, words + i);
		return MULTIBOOT_1;
	}
	for (size_t i = 0; i < n; i += 2)
		if (is_header_2(words + i, n - i))
			return MULTIBOOT_2;
	return MULTIBOOT_NONE;
}

/* 3.1.3 "The address fields of Multiboot header": the file is one piece; an end of 0 is that of the
 * file, no .bss. */
static bool place(struct image *image, const struct multiboot_header *header, struct error *err)
{
	struct image_segment *segment = &image->segments[0];
	uint64_t before = (uint64_t)header->header_addr - header->load_addr;
	uint64_t offset = header->offset - before;
	uint64_t size = image->file_size - offset, memory;

	if (header->load_end_addr)
		size = (uint64_t)header->load_end_addr - header->load_addr;
	memory = header->bss_end_addr ? (uint64_t)header->bss_end_addr - header->load_addr : size;
	if (header->header_addr < header->load_addr || before > header->offset ||
		size > image->file_size - offset || !size || memory < size || memory >> 32)
		return error_set(err, STATUS_IMAGE,
			"%s: Multiboot header at 0x%" PRIx64
			": its addresses (header 0x%x, load 0x%x to 0x%x, bss to 0x%x) do not go "
			"with a file of 0x%" PRIx64 " bytes",
			image->path, header->offset, header->header_addr, header->load_addr,
			header->load_end_addr, header->bss_end_addr, image->file_size);
	*segment = (struct image_segment){.gpa = header->load_addr,
		.linear = header->load_addr,
		.size = memory,
		.offset = offset,
		.file_size = size,
		.flags = PF_R | PF_W | PF_X};
	snprintf(segment->name, sizeof(segment->name), "Multiboot image");
	image->segment_count = 1;
	image->entry = header->entry_addr;
	if (image->entry - segment->gpa < segment->size)
		return true;
	return error_set(err, STATUS_IMAGE,
		"%s: Multiboot header at 0x%" PRIx64 ": its entry 0x%x is outside the image",
		image->path, header->offset, header->entry_addr);
}

bool multiboot_adopt(struct image *image, const struct multiboot_header *header, struct error *err)
{
	image->multiboot = true;
	image->mode = VMM_MODE_PM32;
	image->irqchip = VMM_IRQCHIP_FULL;
	if (header->flags & 0xffff & ~KNOWN)
		return error_set(err, STATUS_IMAGE,
			"%s: Multiboot header at 0x%" PRIx64
			": flags 0x%x ask for what vmm does not know",
			image->path, header->offset, header->flags);
	if (header->flags & HAS_ADDRESSES)
		return place(image, header, err);
	return image->segment_count || error_set(err, STATUS_IMAGE,
					       "%s: Multiboot header at 0x%" PRIx64
					       ": it has no addresses, and the file is no ELF",
					       image->path, header->offset);
}

bool multiboot_require(struct image *image, struct error *err)
{
	struct multiboot_header header;

	if (multiboot_find(image, &header) == MULTIBOOT_1)
		return multiboot_adopt(image, &header, err);
	return error_set(err, STATUS_IMAGE, "%s: no Multiboot 1 header in the first %d bytes",
		image->path, SEARCH_1);
}
