/* SPDX-License-Identifier: MIT */
/*
 * memory_show.c: the kernel's memory for people to read: page tables, owners of frames, heap.
 */
#include "arch.h"
#include "memory.h"

static void show_stretch(void *ctx, uint64_t virt, uint64_t bytes, const struct translation *first)
{
	const enum log_level *level = ctx;
	unsigned flags = first->flags;

	log_text(*level,
		"map: " ADDRESS_FORMAT "-" ADDRESS_FORMAT
		" -> %012llx %7llu KiB by %4llu %c%c%c%c%s\n",
		(unsigned long long)virt, (unsigned long long)(virt + bytes - 1),
		(unsigned long long)first->phys, (unsigned long long)bytes / 1024,
		(unsigned long long)first->size / 1024, flags & MAP_USER ? 'u' : 'k', 'r',
		flags & MAP_WRITE ? 'w' : '-', flags & MAP_EXEC ? 'x' : '-',
		flags & MAP_UNCACHED ? " uncached" : "");
}

void memory_show_space(enum log_level level, struct space *space)
{
	space_walk(space, 0, UINT64_MAX, show_stretch, &level);
}

void memory_show_use(enum log_level level)
{
	const struct heap_stats *heap = &kernel_heap.stats;

	for (unsigned owner = OWNER_NONE + 1; owner < OWNERS; owner++) {
		if (kernel_frames.owned[owner])
			log_text(level, "frames: %7u KiB %s\n", kernel_frames.owned[owner] * 4,
				frame_owner_name(owner));
	}
	log_text(level, "frames: %7u KiB free of %u\n", kernel_frames.free * 4,
		kernel_frames.total * 4);
	log_text(level,
		"heap: %zu bytes in %zu blocks, %zu free, at most %zu; %llu allocated, %llu freed, "
		"%llu failed\n",
		heap->used_bytes, heap->used_blocks, heap->free_bytes, heap->peak_bytes,
		(unsigned long long)heap->allocs, (unsigned long long)heap->frees,
		(unsigned long long)heap->failures);
}
