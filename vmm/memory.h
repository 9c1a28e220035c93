/* SPDX-License-Identifier: MIT */
/*
 * memory.h: the guest's RAM. The only file that turns a guest-physical address into a pointer.
 */
#ifndef VMM_MEMORY_H
#define VMM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "autopsy/phys_mem.h"
#include "error.h"

struct guest_mem {
	uint8_t *base;     /* host mapping: low RAM, then high RAM */
	uint64_t low;      /* bytes from address 0 */
	uint64_t high;     /* bytes from 4 GiB */
	uint64_t *written; /* a bit for each page at base: memory_note_write(); NULL: not kept */
};

/* Reserves size bytes (a multiple of 4 KiB) of zeroed memory; pages cost nothing until they are
 * touched. */
bool memory_create(struct guest_mem *mem, uint64_t size, struct error *err);
void memory_destroy(struct guest_mem *mem);

/* All of [start, start + size), host addresses in the guest's RAM, is about to be written: the host
 * may take large pages for those of them that lie in it as a whole. */
void memory_fill_soon(void *start, uint64_t size);

/* Host pointer to [gpa, gpa + length), or NULL when any byte of it is not RAM. */
void *memory_at(const struct guest_mem *mem, uint64_t gpa, uint64_t length);

/* Keeps account of the pages that vmm writes while the guest runs, which KVM's dirty log does not
 * name. */
bool memory_log_writes(struct guest_mem *mem, struct error *err);

/* The monitor has written to [gpa, gpa + length), which is RAM. */
void memory_note_write(const struct guest_mem *mem, uint64_t gpa, uint64_t length);

/* The autopsy's view; valid as long as mem. */
struct phys_mem memory_view(const struct guest_mem *mem);

#define MEMORY_TOUCHED_PAGES 512

/* Which of the pages (at most MEMORY_TOUCHED_PAGES, of 4 KiB) from gpa on may hold anything but
 * zeros, by a descriptor of /proc/self/pagemap; all of them when that cannot be told, or when view
 * is not memory_view()'s. */
void memory_touched(const struct phys_mem *view, int pagemap, uint64_t gpa, unsigned pages,
	bool touched[MEMORY_TOUCHED_PAGES]);

#endif
