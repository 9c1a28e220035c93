/* SPDX-License-Identifier: MIT */
/*
 * pages.h: frames that programs see, counted by those who hold them: mappings, and files for their
 * contents. Frames that the allocator does not know (the initial RAM disk, used in place) are never
 * given back.
 */
#ifndef KERNEL_PAGES_H
#define KERNEL_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "boot.h"
#include "frames.h"

/* Whether it is a page of the initial RAM disk, which is used where it lies. */
static inline bool page_in_place(uint64_t phys)
{
	return phys - boot.initrd < boot.initrd_size;
}

/* A frame that the caller holds once: physical address, or FRAME_NONE. */
uint64_t page_alloc(enum frame_owner owner);
uint64_t page_alloc_zero(enum frame_owner owner);

/* One more and one fewer who holds it; the last one gives it back. */
void page_get(uint64_t phys);
void page_put(uint64_t phys);

/* Whether nobody but the caller holds it; never so for frames that the allocator does not know. */
bool page_is_mine(uint64_t phys);

#endif
