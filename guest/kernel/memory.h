/* SPDX-License-Identifier: MIT */
/*
 * memory.h: the kernel's memory as a whole: its frames, its address space, its heap, and how
 * physical addresses are reached. Sizes and addresses are in bytes.
 */
#ifndef KERNEL_MEMORY_H
#define KERNEL_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "frames.h"
#include "heap.h"
#include "layout.h"
#include "log.h"
#include "paging.h"

extern struct frames kernel_frames;
extern struct space kernel_space;
extern struct heap kernel_heap;

/* What to add to a physical address to reach it: 0 on the loader's page tables, then DIRECT_MAP. */
extern uintptr_t direct_map;

static inline void *phys_pointer(uint64_t phys)
{
	return (void *)(uintptr_t)(direct_map + phys);
}

/* Physical address of something in the kernel image (code, data, .bss). */
static inline uint64_t image_phys(const void *pointer)
{
	return (uintptr_t)pointer - KERNEL_BASE;
}

/* From boot.memory: frames, the kernel's address space (switched to), heap. Panics when there is
 * too little. */
void memory_init(void);

/* On the log: what is mapped where in `space`, stretch by stretch; frames by owner and the heap's
 * figures. */
void memory_show_space(enum log_level level, struct space *space);
void memory_show_use(enum log_level level);

/* Heap memory for `owner`, a literal that names the use in statistics and reports. Aligned to 16
 * bytes; NULL: none left. Contents are undefined; kzalloc() gives zeros. krealloc(NULL) allocates,
 * kfree(NULL) does nothing. */
void *kmalloc(size_t size, const char *owner);
void *kzalloc(size_t size, const char *owner);
void *krealloc(void *pointer, size_t size, const char *owner);
void kfree(void *pointer);

#endif
