/* SPDX-License-Identifier: MIT */
/*
 * mm.h: the memory of a process: areas of its user half and the page tables below them. Pages come
 * into being when they are touched; after fork they are shared until one writes.
 */
#ifndef KERNEL_MM_H
#define KERNEL_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "paging.h"

struct file;

#define AREA_READ   (1u << 0) /* PROT_* */
#define AREA_WRITE  (1u << 1)
#define AREA_EXEC   (1u << 2)
#define AREA_SHARED (1u << 3)
#define AREA_STACK  (1u << 4) /* grows downwards when touched below */
#define AREA_HEAP   (1u << 5) /* made by brk */

/* [start, end), multiples of PAGE_SIZE. Areas of an mm are sorted and do not overlap. */
struct area {
	struct area *next;
	uint64_t start, end;
	unsigned flags;
	struct file *file; /* NULL: anonymous */
	uint64_t offset;   /* of the file, for `start` */
};

struct mm {
	unsigned users; /* processes */
	struct space space;
	struct area *areas;
	uint64_t brk_start, brk;
	uint64_t arguments, arguments_end, environment_end; /* argv strings, then envp strings */
	struct file *executable;
	uint64_t resident; /* pages mapped */
};

#endif
