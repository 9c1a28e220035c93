/* SPDX-License-Identifier: MIT */
/*
 * elf_reach.h: how far functions without a size reach: assembler code often says nothing of it.
 */
#ifndef BISECT_ELF_REACH_H
#define BISECT_ELF_REACH_H

#include "elf_symbols.h"

/* Gives labels in code a size: up to the next symbol or the end of the section, without the no-ops
 * that fill up to there. syms are sorted and have their slots; bits: 64 or 32. */
void elf_syms_reach(struct elf_syms *syms, unsigned bits);

#endif
