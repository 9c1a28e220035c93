/* SPDX-License-Identifier: MIT */
/*
 * core_elf.c: writing and reading ELF headers of cores. Layouts: System V ABI, chapter 4 "Object
 * Files".
 */
#include "core_elf.h"

#include <string.h>

size_t core_elf_ehdr_size(bool narrow)
{
	return narrow ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);
}

size_t core_elf_phdr_size(bool narrow)
{
	return narrow ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr);
}

static void put_ehdr32(struct codec *codec, unsigned phnum)
{
	Elf32_Ehdr ehdr = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB,
				   EV_CURRENT},
		.e_type = ET_CORE,
		.e_machine = EM_386,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(Elf32_Ehdr),
		.e_ehsize = sizeof(Elf32_Ehdr),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = (Elf32_Half)phnum};

	codec_bytes(codec, &ehdr, sizeof(ehdr));
}

void core_elf_put_ehdr(struct codec *codec, bool narrow, unsigned phnum)
{
	Elf64_Ehdr ehdr = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				   EV_CURRENT},
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (Elf64_Half)phnum};

	if (narrow)
		put_ehdr32(codec, phnum);
	else
		codec_bytes(codec, &ehdr, sizeof(ehdr));
}

void core_elf_put_phdr(struct codec *codec, bool narrow, const Elf64_Phdr *phdr)
{
	Elf32_Phdr small = {.p_type = phdr->p_type,
		.p_flags = phdr->p_flags,
		.p_offset = (Elf32_Off)phdr->p_offset,
		.p_vaddr = (Elf32_Addr)phdr->p_vaddr,
		.p_paddr = (Elf32_Addr)phdr->p_paddr,
		.p_filesz = (Elf32_Word)phdr->p_filesz,
		.p_memsz = (Elf32_Word)phdr->p_memsz,
		.p_align = (Elf32_Word)phdr->p_align};
	Elf64_Phdr large = *phdr;

	if (narrow)
		codec_bytes(codec, &small, sizeof(small));
	else
		codec_bytes(codec, &large, sizeof(large));
}

static const char *read_ehdr64(struct core_elf *elf)
{
	Elf64_Ehdr ehdr;

	if (elf->size < sizeof(ehdr) || !phys_read(elf->file, 0, &ehdr, sizeof(ehdr)))
		return "it is cut short";
	if (ehdr.e_type != ET_CORE || ehdr.e_machine != EM_X86_64)
		return "it is no x86 core file";
	if (ehdr.e_phentsize != sizeof(Elf64_Phdr))
		return "its program headers have an unknown size";
	elf->phoff = ehdr.e_phoff;
	elf->phnum = ehdr.e_phnum;
	return NULL;
}

static const char *read_ehdr32(struct core_elf *elf)
{
	Elf32_Ehdr ehdr;

	if (elf->size < sizeof(ehdr) || !phys_read(elf->file, 0, &ehdr, sizeof(ehdr)))
		return "it is cut short";
	if (ehdr.e_type != ET_CORE || ehdr.e_machine != EM_386)
		return "it is no x86 core file";
	if (ehdr.e_phentsize != sizeof(Elf32_Phdr))
		return "its program headers have an unknown size";
	elf->phoff = ehdr.e_phoff;
	elf->phnum = ehdr.e_phnum;
	return NULL;
}

const char *core_elf_open(struct core_elf *elf, const struct phys_mem *file, uint64_t size)
{
	unsigned char ident[EI_NIDENT];
	const char *wrong;
	uint64_t table;

	*elf = (struct core_elf){.file = file, .size = size};
	if (size < sizeof(ident) || !phys_read(file, 0, ident, sizeof(ident)) ||
		memcmp(ident, ELFMAG, SELFMAG))
		return "it is no ELF file";
	if (ident[EI_DATA] != ELFDATA2LSB ||
		(ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64))
		return "it is no x86 core file";
	elf->narrow = ident[EI_CLASS] == ELFCLASS32;
	wrong = elf->narrow ? read_ehdr32(elf) : read_ehdr64(elf);
	if (wrong)
		return wrong;
	table = (uint64_t)elf->phnum * core_elf_phdr_size(elf->narrow);
	if (elf->phoff > size || table > size - elf->phoff)
		return "its program headers are beyond its end";
	return NULL;
}

bool core_elf_phdr(const struct core_elf *elf, unsigned index, Elf64_Phdr *phdr)
{
	uint64_t at = elf->phoff + (uint64_t)index * core_elf_phdr_size(elf->narrow);
	Elf32_Phdr small;

	if (!elf->narrow)
		return phys_read(elf->file, at, phdr, sizeof(*phdr));
	if (!phys_read(elf->file, at, &small, sizeof(small)))
		return false;
	*phdr = (Elf64_Phdr){.p_type = small.p_type,
		.p_flags = small.p_flags,
		.p_offset = small.p_offset,
		.p_vaddr = small.p_vaddr,
		.p_paddr = small.p_paddr,
		.p_filesz = small.p_filesz,
		.p_memsz = small.p_memsz,
		.p_align = small.p_align};
	return true;
}
