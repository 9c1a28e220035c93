/* SPDX-License-Identifier: MIT */
/*
 * symbol_check.c: the file of --symbols, before the guest runs. Sections with code are compared
 * with the image: headers and data may differ between an image and its unstripped file, code does
 * not.
 */
#include "symbol_check.h"

#include <gelf.h>
#include <libelf.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

#define CHUNK 4096u

/* The file's physical address for one of its own; the address itself when no segment holds it. */
static uint64_t physical_address(Elf *elf, uint64_t address)
{
	size_t count = 0;
	GElf_Phdr phdr;

	if (elf_getphdrnum(elf, &count))
		return address;
	for (size_t i = 0; i < count; i++)
		if (gelf_getphdr(elf, (int)i, &phdr) && phdr.p_type == PT_LOAD &&
			address - phdr.p_vaddr < phdr.p_memsz)
			return address - phdr.p_vaddr + phdr.p_paddr;
	return address;
}

/* Are the n bytes of code for gpa those of the image, as far as it has any there? */
static bool is_same(const struct image *image, const uint8_t *code, uint64_t gpa, uint64_t n)
{
	uint8_t bytes[CHUNK];
	struct error ignored;

	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct image_segment *segment = &image->segments[i];
		uint64_t from = gpa < segment->gpa ? segment->gpa : gpa;

		while (from - gpa < n && from - segment->gpa < segment->file_size) {
			uint64_t left = segment->file_size - (from - segment->gpa);

			left = left < n - (from - gpa) ? left : n - (from - gpa);
			left = left < CHUNK ? left : CHUNK;
			if (file_read(image->fd, image->path, bytes, left,
				    segment->offset + (from - segment->gpa), &ignored) &&
				memcmp(bytes, code + (from - gpa), left) != 0)
				return false;
			from += left;
		}
	}
	return true;
}

static bool compare(Elf *elf, const struct image *image)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(elf, scn)) != NULL) {
		GElf_Shdr shdr;
		Elf_Data *data;

		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != SHT_PROGBITS ||
			!(shdr.sh_flags & SHF_EXECINSTR))
			continue;
		data = elf_rawdata(scn, NULL);
		if (data && data->d_buf &&
			!is_same(image, data->d_buf, physical_address(elf, shdr.sh_addr),
				data->d_size))
			return false;
	}
	return true;
}

bool symbol_check(const char *path, const struct image *image, bool *same, struct error *err)
{
	uint64_t size;
	int fd = file_open(path, "a file with symbols", &size, err);
	Elf *elf;
	bool ok;

	*same = true;
	if (fd < 0)
		return false;
	elf = elf_version(EV_CURRENT) == EV_NONE ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	ok = elf && elf_kind(elf) == ELF_K_ELF;
	if (!ok)
		error_set(err, STATUS_IMAGE, "--symbols %s: not an ELF file", path);
	else if (image)
		*same = compare(elf, image);
	elf_end(elf);
	close(fd);
	return ok;
}
