/* SPDX-License-Identifier: MIT */
/*
 * boot_map.h: page tables for the boot environments long64 (SDM vol. 3, 4.5 "4-Level Paging and
 * 5-Level Paging") and pse32 (4.3 "32-Bit Paging": one directory of 4 MiB pages). Tables are taken
 * downwards from `next`.
 */
#ifndef VMM_BOOT_MAP_H
#define VMM_BOOT_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "memory.h"

struct boot_map {
	const struct guest_mem *mem;
	bool pse;      /* 32-bit paging */
	uint64_t root; /* CR3 */
	uint64_t next; /* tables lie in [next, end) */
};

/* Starts with an empty PML4, or page directory, just below end. */
bool boot_map_init(struct boot_map *map, const struct guest_mem *mem, bool pse, uint64_t end,
	struct error *err);

/*
 * Maps [linear, linear + size) to gpa, writable and executable, for CPL 0, with 2 MiB pages where
 * both allow. The ends are rounded outwards to 4 KiB; with pse every page has 4 MiB and so the
 * ends. Mapping a page again to the same place is fine; to another place, or an address that is not
 * canonical (pse: below 4 GiB) or not congruent, is refused with STATUS_IMAGE. what names the range
 * in messages.
 */
bool boot_map_range(struct boot_map *map, uint64_t linear, uint64_t gpa, uint64_t size,
	const char *what, struct error *err);

#endif
