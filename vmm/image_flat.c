/* SPDX-License-Identifier: MIT */
/*
 * image_flat.c: flat images: a file that is copied as it is, started by what its boot header
 * (guest_abi.h) or the command line says. docs/boot-protocol.md describes both.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "image.h"
#include "layout.h"
#include "multiboot.h"

static bool read_header(const struct image *image, struct vmm_flat_header *header)
{
	return pread(image->fd, header, sizeof(*header), 0) == sizeof(*header) &&
	       header->magic[0] == VMM_FLAT_MAGIC_0 && header->magic[1] == VMM_FLAT_MAGIC_1;
}

/* Fields of the header that no version defines must be 0, so that later versions can use them. */
static bool check_header(
	const struct image *image, const struct vmm_flat_header *header, struct error *err)
{
	if (header->mode < VMM_MODE_REAL || header->mode > VMM_MODE_LONG64)
		return error_set(err, STATUS_IMAGE,
			"%s: boot header: mode %" PRIu32 " is unknown, expected 1 to 4",
			image->path, header->mode);
	if (header->irqchip > VMM_IRQCHIP_NONE)
		return error_set(err, STATUS_IMAGE,
			"%s: boot header: irqchip %" PRIu32 " is unknown, expected 0 to 2",
			image->path, header->irqchip);
	if (header->memory_size && header->memory_size < image->file_size)
		return error_set(err, STATUS_IMAGE,
			"%s: boot header: memory_size 0x%" PRIx64
			" is less than the file (0x%" PRIx64 " bytes)",
			image->path, header->memory_size, image->file_size);
	if (header->reserved[0] || header->reserved[1])
		return error_set(err, STATUS_IMAGE, "%s: boot header: reserved fields are not 0",
			image->path);
	return true;
}

/* The command line goes before the header; the header before the defaults. */
static void place(
	struct image *image, const struct config *config, const struct vmm_flat_header *header)
{
	struct image_segment *segment = &image->segments[0];

	image->mode = config->mode ? config->mode : header->mode;
	image->irqchip = header->irqchip;
	segment->gpa = header->load;
	if (!header->magic[0])
		segment->gpa = image->mode == VMM_MODE_REAL ? LAYOUT_REAL_LOAD : LAYOUT_FLAT_LOAD;
	if (config->has_load)
		segment->gpa = config->load;
	segment->linear = header->magic[0] && !config->has_load ? header->virt : segment->gpa;
	if (config->has_virt)
		segment->linear = config->virt;
	image->entry = header->magic[0] && !config->has_load ? header->entry : segment->linear;
	if (config->has_entry)
		image->entry = config->entry;
	segment->size = header->memory_size ? header->memory_size : image->file_size;
	segment->file_size = image->file_size;
	segment->flags = PF_R | PF_W | PF_X;
	snprintf(segment->name, sizeof(segment->name), "flat image");
	image->segment_count = 1;
}

static bool inside(const struct image_segment *segment, uint64_t start, uint64_t address)
{
	return address - start < segment->size;
}

static bool check_wrap(
	const struct image *image, const struct image_segment *segment, struct error *err)
{
	if (segment->gpa + segment->size >= segment->gpa &&
		segment->linear + segment->size - 1 >= segment->linear)
		return true;
	return error_set(err, STATUS_IMAGE,
		"%s: flat image of 0x%" PRIx64 " bytes at 0x%" PRIx64
		" wraps around the address space",
		image->path, segment->size, segment->gpa);
}

/* An entry may be given by either address of the byte: where it is loaded or where it is mapped.
 * Without paging only the first exists. */
static bool check_entry(struct image *image, struct error *err)
{
	struct image_segment *segment = &image->segments[0];
	bool by_load = inside(segment, segment->gpa, image->entry);

	if (!by_load && !inside(segment, segment->linear, image->entry))
		return error_set(err, STATUS_IMAGE,
			"%s: entry 0x%" PRIx64 " is outside the image (0x%" PRIx64 " to 0x%" PRIx64
			")",
			image->path, image->entry, segment->linear,
			segment->linear + segment->size - 1);
	if (image->mode != VMM_MODE_REAL && image->mode != VMM_MODE_PM32)
		return true;
	if (!by_load)
		image->entry += segment->gpa - segment->linear;
	segment->linear = segment->gpa;
	return true;
}

/* SDM vol. 3, 20.1.1 "Address Translation in Real-Address Mode": 64 KiB from a segment base below
 * 1 MiB. boot.c takes base 0 for an entry below 64 KiB, else the image's first paragraph. */
static bool check_real_mode(const struct image *image, struct error *err)
{
	uint64_t base = image->segments[0].gpa & ~15ull;

	if (image->mode != VMM_MODE_REAL || image->entry < 0x10000 ||
		(base < 0x100000 && image->entry - base < 0x10000))
		return true;
	return error_set(err, STATUS_IMAGE,
		"%s: no CS:IP in real mode reaches entry 0x%" PRIx64 " of an image at 0x%" PRIx64,
		image->path, image->entry, image->segments[0].gpa);
}

static bool start_by_multiboot(struct image *image, const struct config *config, struct error *err)
{
	if (config->has_load || config->has_entry || config->has_virt)
		return error_set(err, STATUS_USAGE,
			"%s: --load, --entry and --virt are for images that do not say it; the "
			"Multiboot header does",
			image->path);
	return multiboot_require(image, err);
}

bool image_parse_flat(struct image *image, const struct config *config, struct error *err)
{
	struct multiboot_header multiboot;
	struct vmm_flat_header header;

	if (config->mode == CONFIG_MODE_MULTIBOOT)
		return start_by_multiboot(image, config, err);
	if (!read_header(image, &header))
		header = (struct vmm_flat_header){0};
	else if (!check_header(image, &header, err))
		return false;
	if (!header.mode && !config->mode && multiboot_find(image, &multiboot) == MULTIBOOT_1)
		return start_by_multiboot(image, config, err);
	if (!header.mode && !config->mode)
		return error_set(err, STATUS_IMAGE,
			"%s: neither ELF nor a flat image with a boot header: say how to start it "
			"with "
			"--mode real|pm32|pse32|long64|multiboot",
			image->path);
	place(image, config, &header);
	return check_wrap(image, &image->segments[0], err) && check_entry(image, err) &&
	       check_real_mode(image, err);
}
