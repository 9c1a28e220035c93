/* SPDX-License-Identifier: MIT */
/*
 * dwarf_guard.h: checks on an ELF file's debugging sections before libdw may read them.
 */
#ifndef AUTOPSY_DWARF_GUARD_H
#define AUTOPSY_DWARF_GUARD_H

#include <elfutils/libdw.h>
#include <stdbool.h>

/* False when a section claims to inflate to more than its bytes can hold, or when libdw would open
 * other files. */
bool dwarf_guard_sections(Elf *elf);

/* False when an abbreviation has so many attributes that each look at its entries would take very
 * long. */
bool dwarf_guard_abbreviations(Elf *elf, Dwarf *dwarf);

#endif
