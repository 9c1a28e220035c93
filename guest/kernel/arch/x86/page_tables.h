/* SPDX-License-Identifier: MIT */
/*
 * page_tables.h: the tables of an address space, between paging.c and paging_user.c. Levels are
 * numbered from below: 1 is a page table, TABLE_LEVELS the root.
 */
#ifndef PAGE_TABLES_H
#define PAGE_TABLES_H

#include "page_entry.h"
#include "paging.h"

#define TABLE_ENTRIES (1u << TABLE_INDEX_BITS)
#define LARGE_LEVEL   2

/* Bytes that one entry stands for. */
uint64_t table_level_size(unsigned level);

/* Metadata of the table that an entry stands in; its count is that of the present entries. */
struct frame *table_frame(const struct space *space, const page_entry *entry);

/* The entry for `virt` at *level, or the one at which the way down there ends; *level tells which.
 */
page_entry *table_find_entry(struct space *space, uint64_t virt, unsigned *level);

/* The entry for `virt` at `level`, with every table on the way: 0, -ENOMEM, or -EEXIST. */
int table_make_entry(struct space *space, uint64_t virt, unsigned level, page_entry **out);

/* Gives back the tables on the way to `virt` that have become empty. */
void table_prune(struct space *space, uint64_t virt);

/* Bits of an entry that maps a page at `virt`; flags: MAP_*. */
page_entry table_leaf_bits(uint64_t virt, unsigned flags);

/* Fills n entries that are free; `step` is what the page behind differs by. */
void table_fill(page_entry *entry, unsigned n, page_entry leaf, page_entry step);

#endif
