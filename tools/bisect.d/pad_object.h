/* SPDX-License-Identifier: MIT */
/*
 * pad_object.h: object files that hold nothing but room: linked first, they shift everything of one
 * section.
 */
#ifndef BISECT_PAD_OBJECT_H
#define BISECT_PAD_OBJECT_H

#include <stdbool.h>

#include "error.h"

enum pad_section { PAD_TEXT, PAD_RODATA, PAD_DATA, PAD_BSS, PAD_SECTIONS };

/* ".text"; a literal. */
const char *pad_section_name(enum pad_section section);

/* Writes an object of `size` bytes in that section, ELF64 for x86-64 or ELF32 for i386. */
bool pad_object_write(
	const char *path, bool elf32, enum pad_section section, unsigned size, struct error *err);

#endif
