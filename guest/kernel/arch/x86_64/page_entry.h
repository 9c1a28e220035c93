/* SPDX-License-Identifier: MIT */
/*
 * page_entry.h: x86_64: 4-level page tables. SDM vol. 3, 4.5 "4-Level Paging and 5-Level Paging".
 */
#ifndef PAGE_ENTRY_H
#define PAGE_ENTRY_H

#include "x86.h"

typedef uint64_t page_entry;

#define TABLE_LEVELS     4
#define TABLE_INDEX_BITS 9

#define ENTRY_ADDRESS PTE_ADDR
#define ENTRY_NX      PTE_NX

#endif
