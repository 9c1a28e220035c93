/* SPDX-License-Identifier: MIT */
/*
 * elf_headers.h: where the program headers of an ELF file are, of whichever class. Nothing is
 * checked but that they may be asked for.
 */
#ifndef BISECT_ELF_HEADERS_H
#define BISECT_ELF_HEADERS_H

#include "content.h"

struct elf_headers {
	uint64_t offset;      /* of the first, in the file */
	unsigned count, size; /* of one, in bytes */
	bool is64;
};

/* One of them, of either class. */
struct elf_header {
	uint32_t type;
	uint64_t offset, paddr, filesz, memsz;
};

/* False, with none, when the content is too short for an ELF file. */
bool elf_headers_find(const struct content *content, struct elf_headers *headers);

/* Reads header number i; false when it is not within the content. */
bool elf_header_read(const struct content *content, const struct elf_headers *headers, unsigned i,
	struct elf_header *header);

/* Gives header number i, which can be read, another size in file and memory. */
void elf_header_resize(
	struct content *content, const struct elf_headers *headers, unsigned i, uint64_t size);

#endif
