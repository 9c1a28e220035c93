/* SPDX-License-Identifier: MIT */
/*
 * memory.c: the guest's RAM as one private, lazily filled host mapping with a hole from 3 GiB to 4
 * GiB.
 */
#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layout.h"

#define PAGE       4096ull
#define LARGE_PAGE 0x200000ull

bool memory_create(struct guest_mem *mem, uint64_t size, struct error *err)
{
	void *base = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return error_errno(err, STATUS_HOST, "cannot reserve %llu MiB of guest memory",
			(unsigned long long)size >> 20);
	mem->base = base;
	mem->written = NULL;
	mem->low = size < LAYOUT_LOW_RAM_MAX ? size : LAYOUT_LOW_RAM_MAX;
	mem->high = size - mem->low;
	return true;
}

void memory_fill_soon(void *start, uint64_t size)
{
	uint64_t first = ((uintptr_t)start + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	uint64_t end = ((uintptr_t)start + size) & ~(LARGE_PAGE - 1);

	if (first < end)
		madvise((void *)first, end - first, MADV_HUGEPAGE);
}

void memory_destroy(struct guest_mem *mem)
{
	if (mem->base)
		munmap(mem->base, mem->low + mem->high);
	free(mem->written);
	mem->base = NULL;
	mem->written = NULL;
}

void *memory_at(const struct guest_mem *mem, uint64_t gpa, uint64_t length)
{
	if (gpa < mem->low)
		return length <= mem->low - gpa ? mem->base + gpa : NULL;
	if (gpa < LAYOUT_HIGH_RAM || gpa - LAYOUT_HIGH_RAM >= mem->high)
		return NULL;
	gpa -= LAYOUT_HIGH_RAM;
	return length <= mem->high - gpa ? mem->base + mem->low + gpa : NULL;
}

bool memory_log_writes(struct guest_mem *mem, struct error *err)
{
	if (!mem->written)
		mem->written = calloc((mem->low + mem->high) / PAGE / 64 + 1, sizeof(uint64_t));
	return mem->written || error_errno(err, STATUS_HOST, "memory for a log of pages");
}

void memory_note_write(const struct guest_mem *mem, uint64_t gpa, uint64_t length)
{
	uint64_t at;

	if (!mem->written || !length)
		return;
	at = (uint64_t)((uint8_t *)memory_at(mem, gpa, length) - mem->base);
	for (uint64_t page = at / PAGE; page <= (at + length - 1) / PAGE; page++)
		mem->written[page / 64] |= 1ull << page % 64;
}

static bool view_read(const void *ctx, uint64_t gpa, void *buf, size_t n)
{
	const void *from = memory_at(ctx, gpa, n);

	if (!from)
		return false;
	memcpy(buf, from, n);
	return true;
}

struct phys_mem memory_view(const struct guest_mem *mem)
{
	return (struct phys_mem){.read = view_read, .ctx = mem};
}

/* Documentation/admin-guide/mm/pagemap.rst: bit 63 is "page present", bit 62 "page swapped". */
void memory_touched(const struct phys_mem *view, int pagemap, uint64_t gpa, unsigned pages,
	bool touched[MEMORY_TOUCHED_PAGES])
{
	uint64_t entries[MEMORY_TOUCHED_PAGES];
	size_t n = pages * sizeof(entries[0]);
	const void *at = view->read == view_read ? memory_at(view->ctx, gpa, pages * PAGE) : NULL;
	bool known =
		at && pread(pagemap, entries, n,
			      (off_t)((uintptr_t)at / PAGE * sizeof(entries[0]))) == (ssize_t)n;

	for (unsigned i = 0; i < pages; i++)
		touched[i] = !known || entries[i] >> 62;
}
