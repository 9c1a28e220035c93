/* SPDX-License-Identifier: MIT */
/*
 * core_elf.h: the ELF headers of a core file, in both widths. gdb wants the width of the kernel's
 * own file: 64 bits for a CPU in long mode, 32 for one that is not. Here everything is wide.
 */
#ifndef AUTOPSY_CORE_ELF_H
#define AUTOPSY_CORE_ELF_H

#include <elf.h>

#include "core_codec.h"
#include "phys_mem.h"

/* RAM in a narrow core, where no address is free to show it at: PT_LOOS + "VMM". gdb passes over
 * it. */
#define CORE_PT_RAM 0x60564d4du

/* Sizes of the headers in the file. */
size_t core_elf_ehdr_size(bool narrow);
size_t core_elf_phdr_size(bool narrow);

/* Appends the file header, which is followed by phnum program headers; one of those. */
void core_elf_put_ehdr(struct codec *codec, bool narrow, unsigned phnum);
void core_elf_put_phdr(struct codec *codec, bool narrow, const Elf64_Phdr *phdr);

struct core_elf {
	const struct phys_mem *file;
	uint64_t size;
	bool narrow;
	uint64_t phoff;
	unsigned phnum;
};

/* Reads the file header: NULL, or a clause about what is wrong with it (static). The program
 * headers are inside the file then. */
const char *core_elf_open(struct core_elf *elf, const struct phys_mem *file, uint64_t size);

/* Program header index < phnum. False when it cannot be read. */
bool core_elf_phdr(const struct core_elf *elf, unsigned index, Elf64_Phdr *phdr);

#endif
