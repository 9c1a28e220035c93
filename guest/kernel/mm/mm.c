/* SPDX-License-Identifier: MIT */
/*
 * mm.c: areas and page tables of a process together: making, copying, growing, touching.
 */
#include "mm.h"

#include "copy.h"
#include "errno.h"
#include "fs/files.h"
#include "fs/vfs.h"
#include "memory.h"
#include "pages.h"
#include "pool.h"
#include "process.h"
#include "string.h"

#define NEIGHBOURHOOD (64 * PAGE_SIZE)

static struct pool pool = POOL(struct mm, "memories");

struct mm *mm_create(void)
{
	struct mm *mm = pool_alloc(&pool);

	if (!mm)
		return NULL;
	if (space_init(&mm->space, &kernel_frames, &kernel_space)) {
		pool_free(&pool, mm);
		return NULL;
	}
	mm->users = 1;
	return mm;
}

void mm_drop(struct mm *mm)
{
	if (--mm->users)
		return;
	for (const struct area *area = mm->areas.first; area; area = area->next)
		space_drop_pages(&mm->space, area->start, area->end);
	area_clear(&mm->areas);
	space_deinit(&mm->space);
	if (mm->executable)
		file_release(mm->executable);
	pool_free(&pool, mm);
}

struct mm *mm_fork(struct mm *mm)
{
	struct mm *child = mm_create();

	if (!child)
		return NULL;
	child->brk_start = mm->brk_start;
	child->brk = mm->brk;
	child->arguments = mm->arguments;
	child->arguments_end = mm->arguments_end;
	child->environment_end = mm->environment_end;
	child->bias = mm->bias;
	child->executable = mm->executable ? file_acquire(mm->executable) : NULL;
	if (area_copy(&mm->areas, &child->areas)) {
		mm_drop(child);
		return NULL;
	}
	for (const struct area *area = mm->areas.first; area; area = area->next) {
		int shared;

		if (area->flags &
			AREA_CLEAN) /* the child finds the pages again, many by each fault */
			continue;
		shared = space_share_pages(&mm->space, &child->space, area->start, area->end,
			area->flags & AREA_SHARED);

		if (shared < 0) {
			mm_drop(child);
			return NULL;
		}
		child->resident += (uint64_t)shared;
	}
	return child;
}

int mm_add(struct mm *mm, uint64_t start, uint64_t size, unsigned flags, struct file *file,
	uint64_t offset)
{
	if (file && !(flags & (AREA_WRITE | AREA_SHARED)))
		flags |= AREA_CLEAN;
	return area_insert(&mm->areas, start, start + size, flags, file, offset);
}

int mm_remove(struct mm *mm, uint64_t start, uint64_t size)
{
	if (area_cut(&mm->areas, start, start + size))
		return -ENOMEM;
	mm->resident -= space_drop_pages(&mm->space, start, start + size);
	return 0;
}

void mm_forget(struct mm *mm, const struct inode *inode, uint64_t size)
{
	uint64_t end = (size + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);

	for (const struct area *area = mm->areas.first; area; area = area->next) {
		uint64_t keep = end > area->offset ? end - area->offset : 0;

		if (area->file && area->file->inode == inode && keep < area->end - area->start)
			mm->resident -= space_drop_pages(&mm->space, area->start + keep, area->end);
	}
}

/* Makes the stack above the address reach down to it, if there is one and it may. */
static struct area *grow_stack(struct mm *mm, uint64_t address)
{
	struct area *area = area_after(&mm->areas, address);
	uint64_t start = address & ~(uint64_t)(PAGE_SIZE - 1);
	uint64_t limit = process_current()->limits[LIMIT_STACK].soft;
	const struct area *below;

	if (limit > MM_STACK_LIMIT)
		limit = MM_STACK_LIMIT;
	if (!area || !(area->flags & AREA_STACK) || area->end - start > limit)
		return NULL;
	below = area_after(&mm->areas, start - PAGE_SIZE);
	if (below != area)
		return NULL;
	mm->areas.pages += (area->start - start) / PAGE_SIZE;
	area->start = start;
	return area;
}

static unsigned map_flags(const struct area *area, bool writable)
{
	return (writable ? MAP_WRITE : 0) | (area->flags & AREA_EXEC ? MAP_EXEC : 0);
}

static enum mm_touch put_page(struct mm *mm, const struct area *area, uint64_t virt, uint64_t phys,
	bool writable, bool fresh)
{
	if (space_set_page(&mm->space, virt, phys, map_flags(area, writable))) {
		page_put(phys);
		return MM_NO_MEMORY;
	}
	mm->resident += fresh;
	return MM_OK;
}

/* A frame of one's own with the contents of another. */
static uint64_t copy_page(uint64_t from)
{
	uint64_t phys = page_alloc(OWNER_USER);

	if (phys != FRAME_NONE)
		phys_copy(phys, from, PAGE_SIZE);
	return phys;
}

static uint64_t file_index(const struct area *area, uint64_t virt)
{
	return (area->offset + (virt - area->start)) / PAGE_SIZE;
}

/* Maps the page with its neighbours, if they are the initial RAM disk's: most of a program's code
 * is soon wanted, and each fault is dear. */
static bool bring_neighbours(struct mm *mm, const struct area *area, uint64_t virt)
{
	uint64_t start = virt & ~(uint64_t)(NEIGHBOURHOOD - 1), end = start + NEIGHBOURHOOD, phys;
	unsigned n;
	int filled;

	if (area->flags & AREA_SHARED)
		return false;
	if (start < area->start)
		start = area->start;
	if (end > area->end)
		end = area->end;
	n = file_pages_in_place(
		area->file, file_index(area, start), (unsigned)((end - start) / PAGE_SIZE), &phys);
	if ((virt - start) / PAGE_SIZE >= n)
		return false;
	filled = space_fill_pages(&mm->space, start, phys, n, map_flags(area, false));
	if (filled > 0)
		mm->resident += (uint64_t)filled;
	return filled > 0;
}

/* The file's frame itself, or a copy for him who writes to a private mapping. */
static enum mm_touch bring_file_page(
	struct mm *mm, const struct area *area, uint64_t virt, bool write)
{
	uint64_t phys = file_page(area->file, file_index(area, virt), area->flags & AREA_SHARED),
		 copy;

	if (phys == FRAME_NONE)
		return MM_NO_FILE;
	if (area->flags & AREA_SHARED || !write)
		return put_page(mm, area, virt, phys, write, true);
	copy = copy_page(phys);
	page_put(phys);
	if (copy == FRAME_NONE)
		return MM_NO_MEMORY;
	return put_page(mm, area, virt, copy, true, true);
}

static enum mm_touch bring_page(struct mm *mm, const struct area *area, uint64_t virt, bool write)
{
	uint64_t phys;

	if (area->file && !write && bring_neighbours(mm, area, virt))
		return MM_OK;
	if (area->file)
		return bring_file_page(mm, area, virt, write);
	phys = page_alloc_zero(OWNER_USER);
	if (phys == FRAME_NONE)
		return MM_NO_MEMORY;
	return put_page(mm, area, virt, phys, area->flags & AREA_WRITE, true);
}

/* A page that is there but read-only is written to. */
static enum mm_touch unshare_page(
	struct mm *mm, const struct area *area, uint64_t virt, uint64_t phys)
{
	uint64_t copy;

	if (area->flags & AREA_SHARED || page_is_mine(phys))
		return put_page(mm, area, virt, phys, true, false);
	copy = copy_page(phys);
	if (copy == FRAME_NONE)
		return MM_NO_MEMORY;
	if (put_page(mm, area, virt, copy, true, false) != MM_OK)
		return MM_NO_MEMORY;
	page_put(phys);
	return MM_OK;
}

enum mm_touch mm_touch(struct mm *mm, uint64_t address, unsigned access)
{
	uint64_t virt = address & ~(uint64_t)(PAGE_SIZE - 1);
	const struct area *area = area_at(&mm->areas, address);
	bool write = access & AREA_WRITE;
	struct translation page;

	if (!area)
		area = grow_stack(mm, address);
	if (!area)
		return MM_NO_AREA;
	/* There are no pages that can be written or executed but not read. */
	if (!(area->flags & AREA_RIGHTS) || (access & (AREA_WRITE | AREA_EXEC) & ~area->flags))
		return MM_FORBIDDEN;
	if (!space_translate(&mm->space, virt, &page))
		return bring_page(mm, area, virt, write);
	if (write && !(page.flags & MAP_WRITE))
		return unshare_page(mm, area, virt, page.phys);
	return MM_OK;
}

static size_t piece(uint64_t address, size_t n)
{
	size_t rest = PAGE_SIZE - address % PAGE_SIZE;

	return n < rest ? n : rest;
}

size_t mm_peek(struct mm *mm, uint64_t address, void *to, size_t n)
{
	struct translation page;
	size_t done = 0;

	while (done < n) {
		size_t size = piece(address + done, n - done);

		if (address + done >= USER_LIMIT ||
			mm_touch(mm, address + done, AREA_READ) != MM_OK ||
			!space_translate(&mm->space, address + done, &page))
			break;
		memcpy((uint8_t *)to + done, phys_pointer(page.phys), size);
		done += size;
	}
	return done;
}

size_t mm_poke(struct mm *mm, uint64_t address, const void *from, size_t n)
{
	struct translation page;
	size_t done = 0;

	while (done < n) {
		size_t size = piece(address + done, n - done);

		if (address + done >= USER_LIMIT ||
			mm_touch(mm, address + done, AREA_WRITE) != MM_OK ||
			!space_translate(&mm->space, address + done, &page))
			break;
		memcpy(phys_pointer(page.phys), (const uint8_t *)from + done, size);
		done += size;
	}
	return done;
}
