/* SPDX-License-Identifier: MIT */
/*
 * area.h: which parts of an address space mean what: a sorted list of areas that do not overlap.
 * Knows nothing of page tables. Addresses are multiples of PAGE_SIZE.
 */
#ifndef MM_AREA_H
#define MM_AREA_H

#include <stdbool.h>
#include <stdint.h>

struct file;

#define AREA_READ   (1u << 0) /* as PROT_* */
#define AREA_WRITE  (1u << 1)
#define AREA_EXEC   (1u << 2)
#define AREA_SHARED (1u << 3) /* writes are seen by all who map it */
#define AREA_STACK  (1u << 4) /* grows downwards when touched below */
#define AREA_HEAP   (1u << 5) /* made by brk */
#define AREA_CLEAN  (1u << 6) /* of a file, and never was writable: no page is a copy */
#define AREA_RIGHTS (AREA_READ | AREA_WRITE | AREA_EXEC)

/* [start, end). */
struct area {
	struct area *next;
	uint64_t start, end;
	unsigned flags;
	struct file *file; /* held; NULL: anonymous */
	uint64_t offset;   /* of the file, for `start` */
};

struct areas {
	struct area *first;
	uint64_t pages; /* in all of them */
};

/* The first area that ends above the address; NULL: none does. */
struct area *area_after(const struct areas *areas, uint64_t address);

/* The area that the address lies in, or NULL. */
struct area *area_at(const struct areas *areas, uint64_t address);

/* Whether every page of [start, end) is in an area. */
bool area_covers(const struct areas *areas, uint64_t start, uint64_t end);

/* Puts one in, or makes a neighbour of the same kind longer: 0, -EEXIST or -ENOMEM. Takes a hold of
 * its own of `file`. */
int area_insert(struct areas *areas, uint64_t start, uint64_t end, unsigned flags,
	struct file *file, uint64_t offset);

/* Takes [start, end) out, cutting areas in two where need be: 0, or -ENOMEM with nothing changed.
 */
int area_cut(struct areas *areas, uint64_t start, uint64_t end);

/* Changes rights in [start, end): 0; -ENOMEM: part of it is in no area, or no memory, with nothing
 * changed for good but cuts. */
int area_set_rights(struct areas *areas, uint64_t start, uint64_t end, unsigned rights);

/* Start of the highest gap of `size` bytes in [lowest, top), or 0. */
uint64_t area_gap(const struct areas *areas, uint64_t size, uint64_t lowest, uint64_t top);

/* Copies the list: 0 or -ENOMEM with a part of it in `copy`. */
int area_copy(const struct areas *areas, struct areas *copy);

/* Removes all. */
void area_clear(struct areas *areas);

#endif
