/* SPDX-License-Identifier: MIT */
/*
 * mm.h: the memory of a process: areas of its user half and the page tables below them. Pages come
 * into being when they are touched; after fork they are shared until one writes. Addresses and
 * sizes of areas are multiples of PAGE_SIZE; errors are negated errno numbers.
 */
#ifndef KERNEL_MM_H
#define KERNEL_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mm/area.h"
#include "paging.h"

#define MM_STACK_TOP   (USER_LIMIT - PAGE_SIZE)
#define MM_STACK_LIMIT (8ull << 20)
#define MM_STACK_GAP   (1ull << 20) /* below a stack at its limit nothing is put by itself */
#define MM_MAP_TOP     (MM_STACK_TOP - MM_STACK_LIMIT - MM_STACK_GAP)
#define MM_LOWEST      0x10000ull

struct mm {
	unsigned users; /* processes */
	struct space space;
	struct areas areas;
	uint64_t brk_start, brk;
	/* Where exec put the strings: of argv, then of envp. */
	uint64_t arguments, arguments_end, environment_end;
	struct file *executable; /* NULL: none */
	uint64_t bias;           /* how far its addresses are moved */
	uint64_t resident;       /* pages mapped */
};

/* An empty one with one user; NULL: no memory. */
struct mm *mm_create(void);

/* A copy whose pages are shared until one of the two writes; NULL: no memory. */
struct mm *mm_fork(struct mm *mm);

/* One user fewer; the last one's leaving frees it. It must not be the one in use then. */
void mm_drop(struct mm *mm);

/* Makes an area; the caller keeps its hold of `file`. -EEXIST: there is one already. */
int mm_add(struct mm *mm, uint64_t start, uint64_t size, unsigned flags, struct file *file,
	uint64_t offset);

/* Removes areas and pages of the range, if any: 0 or -ENOMEM. */
int mm_remove(struct mm *mm, uint64_t start, uint64_t size);

/* A file ends at `size` from now on: pages of it that lie behind are gone. */
struct inode;
void mm_forget(struct mm *mm, const struct inode *inode, uint64_t size);

/* What became of a touch. */
enum mm_touch {
	MM_OK,
	MM_NO_AREA,   /* nothing is mapped there */
	MM_FORBIDDEN, /* something is, but may not be used so */
	MM_NO_FILE,   /* the file ends before */
	MM_NO_MEMORY,
};

/* Makes `address` usable for `access`, one of AREA_READ, AREA_WRITE, AREA_EXEC. */
enum mm_touch mm_touch(struct mm *mm, uint64_t address, unsigned access);

/* Copies from or to any process's memory, as far as it is there: bytes. Nothing is written to
 * areas that are not writable. */
size_t mm_peek(struct mm *mm, uint64_t address, void *to, size_t n);
size_t mm_poke(struct mm *mm, uint64_t address, const void *from, size_t n);

#endif
