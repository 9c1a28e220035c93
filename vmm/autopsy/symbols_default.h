/* SPDX-License-Identifier: MIT */
/*
 * symbols_default.h: where a guest's symbols come from when nobody says otherwise.
 */
#ifndef AUTOPSY_SYMBOLS_DEFAULT_H
#define AUTOPSY_SYMBOLS_DEFAULT_H

#include "symbols.h"

/* Adds the file at symbols (--symbols) when that is not NULL; else the image, or, where that is no
 * ELF, IMAGE with .bin replaced by .elf. A file that cannot be used adds nothing. */
void symbols_add_default(struct symbols *set, const char *image, const char *symbols);

#endif
