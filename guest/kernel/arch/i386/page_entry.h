/* SPDX-License-Identifier: MIT */
/*
 * page_entry.h: i386: page directory and page tables, with pages of 4 MiB. SDM vol. 3, 4.3 "32-Bit
 * Paging".
 */
#ifndef PAGE_ENTRY_H
#define PAGE_ENTRY_H

#include "x86.h"

typedef uint32_t page_entry;

#define TABLE_LEVELS     2
#define TABLE_INDEX_BITS 10

#define ENTRY_ADDRESS 0xfffff000ull
#define ENTRY_NX      0u /* there is no such bit */

#endif
