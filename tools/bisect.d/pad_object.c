/* SPDX-License-Identifier: MIT */
/*
 * pad_object.c: writes relocatable files through libelf. Code is filled with one-byte no-ops.
 */
#include "pad_object.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "status.h"

#define NOP 0x90

static const struct {
	const char *name;
	unsigned type;
	unsigned long flags;
} sections[] = {
	[PAD_TEXT] = {".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR},
	[PAD_RODATA] = {".rodata", SHT_PROGBITS, SHF_ALLOC},
	[PAD_DATA] = {".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE},
	[PAD_BSS] = {".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE},
};

const char *pad_section_name(enum pad_section section)
{
	return sections[section].name;
}

static bool add_section(Elf *elf, const GElf_Shdr *shdr, void *bytes, size_t size)
{
	Elf_Scn *section = elf_newscn(elf);
	Elf_Data *data = section ? elf_newdata(section) : NULL;
	GElf_Shdr copy = *shdr;

	if (!data)
		return false;
	data->d_buf = bytes;
	data->d_size = size;
	data->d_align = 1;
	copy.sh_addralign = 1;
	copy.sh_size = size;
	return gelf_update_shdr(section, &copy);
}

/* The names: an empty one, the section's, ".shstrtab". */
static size_t make_names(char names[64], enum pad_section section, size_t *strtab)
{
	size_t n = 1;

	memset(names, 0, 64);
	strcpy(names + n, sections[section].name);
	n += strlen(sections[section].name) + 1;
	*strtab = n;
	strcpy(names + n, ".shstrtab");
	return n + sizeof(".shstrtab");
}

static bool write_elf(Elf *elf, bool elf32, enum pad_section section, void *bytes, unsigned size)
{
	char names[64];
	size_t strtab, n = make_names(names, section, &strtab);
	GElf_Shdr pad = {.sh_name = 1,
		.sh_type = sections[section].type,
		.sh_flags = sections[section].flags};
	GElf_Shdr table = {.sh_name = (GElf_Word)strtab, .sh_type = SHT_STRTAB};
	GElf_Ehdr ehdr;

	if (!elf || !gelf_newehdr(elf, elf32 ? ELFCLASS32 : ELFCLASS64) ||
		!gelf_getehdr(elf, &ehdr))
		return false;
	ehdr.e_type = ET_REL;
	ehdr.e_machine = elf32 ? EM_386 : EM_X86_64;
	ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	ehdr.e_version = EV_CURRENT;
	ehdr.e_shstrndx = 2;
	return gelf_update_ehdr(elf, &ehdr) && add_section(elf, &pad, bytes, size) &&
	       add_section(elf, &table, names, n) && elf_update(elf, ELF_C_WRITE) >= 0;
}

bool pad_object_write(
	const char *path, bool elf32, enum pad_section section, unsigned size, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	void *bytes = calloc(1, size + 1u);
	Elf *elf;
	bool ok;

	elf_version(EV_CURRENT);
	if (fd < 0 || !bytes) {
		free(bytes);
		return error_errno(err, STATUS_OUTPUT, "%s", path);
	}
	if (section == PAD_TEXT)
		memset(bytes, NOP, size);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	ok = write_elf(elf, elf32, section, bytes, size);
	elf_end(elf);
	free(bytes);
	close(fd);
	return ok || error_set(err, STATUS_OUTPUT, "%s: %s", path, elf_errmsg(-1));
}
