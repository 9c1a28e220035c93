/* SPDX-License-Identifier: MIT */
/*
 * paging.h: address spaces. Mappings never move: to map what is mapped already is an error. Each
 * architecture gives the implementation (arch/ARCH/paging.c); errors are negated errno numbers.
 */
#ifndef KERNEL_PAGING_H
#define KERNEL_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "frames.h"

#define MAP_WRITE    (1u << 0)
#define MAP_EXEC     (1u << 1)
#define MAP_USER     (1u << 2)
#define MAP_UNCACHED (1u << 3)
#define MAP_DIRTY    (1u << 4) /* told by space_translate() only */
#define MAP_ACCESSED (1u << 5) /* likewise */

#define SPACE_KERNEL_ENTRIES 8
#define SPACE_NO_RECENT      ADDRESS_LAST

/* One address space: its top-level table, and where the others come from. A space owns its tables,
 * not the memory that it maps. */
struct space {
	uint64_t root; /* physical address */
	struct frames *frames;
	const struct space *kernel; /* whose kernel half it shares; NULL: the kernel's own */
	/* Where the page table looked for last lies, and for which addresses, by the size of its
	 * reach: most accesses go where the last one went. SPACE_NO_RECENT: none. */
	uint64_t recent;
	uintptr_t recent_table;
	/* Of the kernel's: where its root points to tables; as many as fit are told. */
	uint16_t kernel_entries[SPACE_KERNEL_ENTRIES];
	unsigned kernel_count;
};

/* What one address means. */
struct translation {
	uint64_t phys;  /* of that very byte */
	uint64_t size;  /* of the page */
	unsigned flags; /* MAP_* */
};

/* An empty address space, or one that shares the whole kernel half with `kernel`: -ENOMEM. */
int space_init(struct space *space, struct frames *frames, const struct space *kernel);

/* Gives back root and user-half tables of a space made from another one. Not while it is in use. */
void space_deinit(struct space *space);

/* Maps [virt, virt + size) to [phys, phys + size), all multiples of PAGE_SIZE, with the largest
 * pages that fit. -EEXIST: part of it is mapped already; -EINVAL: not aligned, not canonical,
 * MAP_USER outside of the user half or missing in it; -ENOMEM. Nothing is changed then. */
int space_map(struct space *space, uint64_t virt, uint64_t phys, uint64_t size, unsigned flags);

/* Removes every mapping in the range and gives tables that have become empty back. What is not
 * mapped is skipped. -EINVAL, with nothing changed: the range cuts a large page, or is not aligned.
 */
int space_unmap(struct space *space, uint64_t virt, uint64_t size);

/* Changes MAP_WRITE and MAP_EXEC in the range. -EINVAL as above; -ENOENT: a page of it is not
 * mapped; those before it have been changed. */
int space_protect(struct space *space, uint64_t virt, uint64_t size, unsigned flags);

/* Makes sure that the top-level entry for `virt` exists, so that spaces made later share what comes
 * below it. */
int space_reserve(struct space *space, uint64_t virt);

/* False: not mapped. */
bool space_translate(struct space *space, uint64_t virt, struct translation *out);

/* Physical addresses of up to n pages from the one at `virt` on, as far as they are mapped with the
 * rights in flags, of MAP_WRITE and MAP_USER: how many. It may stop earlier, but not at none. */
unsigned space_list_pages(
	struct space *space, uint64_t virt, unsigned n, unsigned flags, uint64_t pages[]);

/* Calls emit for each stretch of pages of one size and the same flags with neighbouring physical
 * addresses in [from, to]. `virt` is the stretch's first address, `bytes` its length. */
typedef void space_emit(void *ctx, uint64_t virt, uint64_t bytes, const struct translation *first);
void space_walk(struct space *space, uint64_t from, uint64_t to, space_emit *emit, void *ctx);

/*
 * Pages of programs: single, in the user half, each held once by its mapping (pages.h).
 */

/* Maps one page, in place of what is there: 0 or -ENOMEM. The caller's hold of `phys` becomes the
 * mapping's; that of the page that was there before is left to the caller. */
int space_set_page(struct space *space, uint64_t virt, uint64_t phys, unsigned flags);

/* Maps n pages that lie side by side, all of one page table's reach, where nothing is mapped yet:
 * how many, or -ENOMEM. */
int space_fill_pages(struct space *space, uint64_t virt, uint64_t phys, unsigned n, unsigned flags);

/* Unmaps what is mapped in [from, to) and drops those pages; how many there were. */
unsigned space_drop_pages(struct space *space, uint64_t from, uint64_t to);

/* Maps what is mapped in [from, to) in `child` too, unless writable is true nowhere writable any
 * more: how many pages, or -ENOMEM with part of it done. */
int space_share_pages(
	struct space *space, struct space *child, uint64_t from, uint64_t to, bool writable);

/* Makes what is mapped in [from, to) read-only, and executable or not. */
void space_restrict_pages(struct space *space, uint64_t from, uint64_t to, unsigned flags);

/* Takes all rights from what is mapped in [from, to), but keeps the pages;
 * space_restrict_pages() brings them back. */
void space_hide_pages(struct space *space, uint64_t from, uint64_t to);

/* Maps the pages of [from, from + size) at `to` instead, where nothing is mapped: 0 or -ENOMEM
 * with part of it done. */
int space_move_pages(struct space *space, uint64_t from, uint64_t to, uint64_t size);

/* Drops what the CPU remembers of the page at `virt`. */
void tlb_flush_page(const struct space *space, uint64_t virt);

#endif
