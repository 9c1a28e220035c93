/* SPDX-License-Identifier: MIT */
/*
 * elf_headers.c: program headers of 64-bit and 32-bit files (System V ABI, chapter 5 "Program
 * Header").
 */
#include "elf_headers.h"

#include <elf.h>
#include <string.h>

bool elf_headers_find(const struct content *content, struct elf_headers *headers)
{
	Elf64_Ehdr ehdr64;
	Elf32_Ehdr ehdr32;

	*headers = (struct elf_headers){0};
	if (content->size < sizeof(ehdr64) || memcmp(content->bytes, ELFMAG, SELFMAG) != 0)
		return false;
	memcpy(&ehdr64, content->bytes, sizeof(ehdr64));
	memcpy(&ehdr32, content->bytes, sizeof(ehdr32));
	if (content->bytes[EI_CLASS] == ELFCLASS64)
		*headers = (struct elf_headers){
			ehdr64.e_phoff, ehdr64.e_phnum, ehdr64.e_phentsize, true};
	else
		*headers = (struct elf_headers){
			ehdr32.e_phoff, ehdr32.e_phnum, ehdr32.e_phentsize, false};
	return true;
}

/* Where it is; NULL when it is not within the content. */
static uint8_t *header_at(
	const struct content *content, const struct elf_headers *headers, unsigned i)
{
	uint64_t at = headers->offset + (uint64_t)i * headers->size;
	size_t size = headers->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

	if (i >= headers->count || headers->offset > content->size || at > content->size ||
		size > content->size - at)
		return NULL;
	return content->bytes + at;
}

bool elf_header_read(const struct content *content, const struct elf_headers *headers, unsigned i,
	struct elf_header *header)
{
	const uint8_t *at = header_at(content, headers, i);
	Elf64_Phdr phdr64;
	Elf32_Phdr phdr32;

	if (!at)
		return false;
	if (headers->is64) {
		memcpy(&phdr64, at, sizeof(phdr64));
		*header = (struct elf_header){phdr64.p_type, phdr64.p_offset, phdr64.p_paddr,
			phdr64.p_filesz, phdr64.p_memsz};
	} else {
		memcpy(&phdr32, at, sizeof(phdr32));
		*header = (struct elf_header){phdr32.p_type, phdr32.p_offset, phdr32.p_paddr,
			phdr32.p_filesz, phdr32.p_memsz};
	}
	return true;
}

void elf_header_resize(
	struct content *content, const struct elf_headers *headers, unsigned i, uint64_t size)
{
	uint8_t *at = header_at(content, headers, i);
	uint32_t size32 = (uint32_t)size;

	if (headers->is64) {
		memcpy(at + offsetof(Elf64_Phdr, p_filesz), &size, sizeof(size));
		memcpy(at + offsetof(Elf64_Phdr, p_memsz), &size, sizeof(size));
	} else {
		memcpy(at + offsetof(Elf32_Phdr, p_filesz), &size32, sizeof(size32));
		memcpy(at + offsetof(Elf32_Phdr, p_memsz), &size32, sizeof(size32));
	}
}
