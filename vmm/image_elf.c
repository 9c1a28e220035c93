/* SPDX-License-Identifier: MIT */
/*
 * image_elf.c: ELF64 and ELF32 executables, read through libelf. Follows the System V ABI, chapter
 * 5 "Program Loading": PT_LOAD segments go to p_paddr and are mapped at p_vaddr.
 */
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "multiboot.h"

static bool check_header(const struct image *image, const GElf_Ehdr *ehdr, struct error *err)
{
	bool is64 = ehdr->e_ident[EI_CLASS] == ELFCLASS64;

	if (ehdr->e_ident[EI_DATA] != ELFDATA2LSB)
		return error_set(err, STATUS_IMAGE,
			"%s: big-endian ELF, expected little-endian x86", image->path);
	if (ehdr->e_machine != EM_X86_64 && ehdr->e_machine != EM_386)
		return error_set(err, STATUS_IMAGE,
			"%s: ELF for machine %u, expected x86-64 (62) or i386 (3)", image->path,
			ehdr->e_machine);
	if ((ehdr->e_machine == EM_X86_64) != is64)
		return error_set(err, STATUS_IMAGE,
			"%s: ELF class %d does not go with machine %u, expected ELF64 for x86-64 "
			"and "
			"ELF32 for i386",
			image->path, is64 ? 64 : 32, ehdr->e_machine);
	if (ehdr->e_type != ET_EXEC)
		return error_set(err, STATUS_IMAGE,
			"%s: ELF type %u, expected an executable (2): link it with -no-pie at "
			"fixed "
			"addresses",
			image->path, ehdr->e_type);
	return true;
}

static bool check_segment(
	const struct image *image, const struct image_segment *segment, struct error *err)
{
	const char *name = segment->name;

	if (segment->file_size > segment->size)
		return error_set(err, STATUS_IMAGE,
			"%s: %s: p_filesz 0x%" PRIx64 " is more than p_memsz 0x%" PRIx64,
			image->path, name, segment->file_size, segment->size);
	if (segment->offset > image->file_size ||
		segment->file_size > image->file_size - segment->offset)
		return error_set(err, STATUS_IMAGE,
			"%s: %s: bytes 0x%" PRIx64 "+0x%" PRIx64
			" are beyond the end of the file (0x%" PRIx64 "): truncated?",
			image->path, name, segment->offset, segment->file_size, image->file_size);
	if (segment->gpa + segment->size < segment->gpa ||
		segment->linear + segment->size - 1 < segment->linear)
		return error_set(err, STATUS_IMAGE, "%s: %s wraps around the address space",
			image->path, name);
	return true;
}

static bool check_overlap(
	const struct image *image, const struct image_segment *segment, struct error *err)
{
	for (const struct image_segment *other = image->segments; other < segment; other++)
		if (ranges_overlap(other->gpa, other->size, segment->gpa, segment->size))
			return error_set(err, STATUS_IMAGE,
				"%s: %s (0x%" PRIx64 "+0x%" PRIx64 ") and %s (0x%" PRIx64
				"+0x%" PRIx64 ") overlap in memory: mend the linker script",
				image->path, other->name, other->gpa, other->size, segment->name,
				segment->gpa, segment->size);
	return true;
}

static bool add_segment(struct image *image, const GElf_Phdr *phdr, size_t index, struct error *err)
{
	struct image_segment *segment = &image->segments[image->segment_count];

	if (image->segment_count == IMAGE_SEGMENTS)
		return error_set(err, STATUS_IMAGE, "%s: more than %d PT_LOAD segments",
			image->path, IMAGE_SEGMENTS);
	*segment = (struct image_segment){
		.gpa = phdr->p_paddr,
		.linear = phdr->p_vaddr,
		.size = phdr->p_memsz,
		.offset = phdr->p_offset,
		.file_size = phdr->p_filesz,
		.flags = phdr->p_flags,
	};
	snprintf(segment->name, sizeof(segment->name), "segment %zu", index);
	if (!check_segment(image, segment, err) || !check_overlap(image, segment, err))
		return false;
	image->segment_count++;
	return true;
}

static bool read_segments(struct image *image, Elf *elf, struct error *err)
{
	size_t count;

	if (elf_getphdrnum(elf, &count))
		return error_set(
			err, STATUS_IMAGE, "%s: program headers: %s", image->path, elf_errmsg(-1));
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr phdr;

		if (!gelf_getphdr(elf, (int)i, &phdr))
			return error_set(err, STATUS_IMAGE, "%s: program header %zu: %s",
				image->path, i, elf_errmsg(-1));
		if (phdr.p_type == PT_LOAD && (phdr.p_memsz || phdr.p_filesz) &&
			!add_segment(image, &phdr, i, err))
			return false;
	}
	if (!image->segment_count)
		return error_set(
			err, STATUS_IMAGE, "%s: no PT_LOAD segment: nothing to load", image->path);
	return true;
}

/* With paging off the first instruction is fetched from its physical address; a virtual entry is
 * turned into it. pse32 maps both. */
static bool check_entry(struct image *image, struct error *err)
{
	const struct image_segment *by_linear = NULL;

	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct image_segment *segment = &image->segments[i];

		if (image->mode != VMM_MODE_LONG64 && image->entry - segment->gpa < segment->size)
			return true;
		if (image->entry - segment->linear < segment->size)
			by_linear = segment;
	}
	if (!by_linear)
		return error_set(err, STATUS_IMAGE,
			"%s: entry point 0x%" PRIx64
			" is outside every PT_LOAD segment: does ENTRY() name a global symbol?",
			image->path, image->entry);
	if (image->mode == VMM_MODE_PM32)
		image->entry += by_linear->gpa - by_linear->linear;
	return true;
}

/* Which boot environments go with a class of ELF. */
static bool suits(const struct image *image, uint32_t mode)
{
	return image->mode == VMM_MODE_LONG64 ? mode == VMM_MODE_LONG64
	                                      : mode == VMM_MODE_PM32 || mode == VMM_MODE_PSE32;
}

/* A kernel that is to be a flat image too begins with a boot header (guest_abi.h): its bytes are
 * those of the first segment. */
static bool read_boot_header(struct image *image, bool *found, struct error *err)
{
	const struct image_segment *first = &image->segments[0];
	struct vmm_flat_header header;

	*found =
		first->file_size >= sizeof(header) &&
		pread(image->fd, &header, sizeof(header), (off_t)first->offset) == sizeof(header) &&
		header.magic[0] == VMM_FLAT_MAGIC_0 && header.magic[1] == VMM_FLAT_MAGIC_1;
	if (!*found)
		return true;
	if (!suits(image, header.mode) || header.irqchip > VMM_IRQCHIP_NONE)
		return error_set(err, STATUS_IMAGE,
			"%s: boot header: mode %" PRIu32 " and irqchip %" PRIu32
			" are not for this class of ELF",
			image->path, header.mode, header.irqchip);
	image->mode = header.mode;
	image->irqchip = header.irqchip;
	return true;
}

/* Whoever has a Multiboot header and nothing of vmm's wants to start by it, whatever the class. */
static bool look_for_multiboot(struct image *image, struct error *err)
{
	struct multiboot_header header;

	switch (multiboot_find(image, &header)) {
	case MULTIBOOT_1:
		return multiboot_adopt(image, &header, err);
	case MULTIBOOT_2:
		return error_set(err, STATUS_IMAGE,
			"%s: a Multiboot 2 kernel: vmm boots Multiboot 1 (or, with --mode, %s at "
			"the entry point)",
			image->path, image->mode == VMM_MODE_LONG64 ? "long64" : "pm32");
	default:
		return true;
	}
}

/* The command line goes before a boot header, that before a Multiboot header, that before what the
 * class of ELF means. */
static bool choose_mode(struct image *image, const struct config *config, struct error *err)
{
	bool has_header;

	if (config->has_load || config->has_entry || config->has_virt)
		return error_set(err, STATUS_USAGE,
			"%s: --load, --entry and --virt are for flat images; this is ELF, which "
			"says all that itself",
			image->path);
	if (config->mode == CONFIG_MODE_MULTIBOOT)
		return multiboot_require(image, err);
	if (config->mode && !suits(image, config->mode))
		return error_set(err, STATUS_USAGE, "%s: --mode: a %s can only start in %s",
			image->path, image->mode == VMM_MODE_LONG64 ? "64-bit ELF" : "32-bit ELF",
			image->mode == VMM_MODE_LONG64 ? "long64" : "pm32 or pse32");
	if (!read_boot_header(image, &has_header, err))
		return false;
	if (config->mode)
		image->mode = config->mode;
	return config->mode || has_header || look_for_multiboot(image, err);
}

/* libelf sees no error in a file whose header it does not take for one. */
static bool explain_header(const struct image *image, struct error *err)
{
	uint8_t ident[EI_NIDENT] = {0};
	ssize_t got = pread(image->fd, ident, sizeof(ident), 0);
	size_t size = ident[EI_CLASS] == ELFCLASS32 ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);

	if (got < (ssize_t)sizeof(ident) || image->file_size < size)
		return error_set(err, STATUS_IMAGE,
			"%s: the file ends within the ELF header (0x%" PRIx64
			" bytes of 0x%zx): truncated?",
			image->path, image->file_size, size);
	return error_set(err, STATUS_IMAGE,
		"%s: ELF class %u, data %u, version %u, expected 1 or 2, 1 and 1", image->path,
		ident[EI_CLASS], ident[EI_DATA], ident[EI_VERSION]);
}

static bool parse(struct image *image, Elf *elf, const struct config *config, struct error *err)
{
	GElf_Ehdr ehdr;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &ehdr))
		return explain_header(image, err);
	if (!check_header(image, &ehdr, err))
		return false;
	image->mode = ehdr.e_machine == EM_X86_64 ? VMM_MODE_LONG64 : VMM_MODE_PM32;
	image->irqchip = VMM_IRQCHIP_FULL;
	image->entry = ehdr.e_entry;
	return read_segments(image, elf, err) && choose_mode(image, config, err) &&
	       check_entry(image, err);
}

bool image_parse_elf(struct image *image, const struct config *config, struct error *err)
{
	Elf *elf;
	bool ok;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return error_set(err, STATUS_BUG, "libelf: %s", elf_errmsg(-1));
	elf = elf_begin(image->fd, ELF_C_READ, NULL);
	if (!elf)
		return error_set(err, STATUS_IMAGE, "%s: not a readable ELF file: %s", image->path,
			elf_errmsg(-1));
	ok = parse(image, elf, config, err);
	elf_end(elf);
	return ok;
}
