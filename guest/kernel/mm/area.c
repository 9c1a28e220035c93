/* SPDX-License-Identifier: MIT */
/*
 * area.c: the sorted list of areas. A process has a dozen of them: to look through a list is fine.
 */
#include "mm/area.h"

#include "errno.h"
#include "fs/files.h"
#include "layout.h"
#include "memory.h"
#include "pool.h"

static struct pool pool = POOL(struct area, "areas");

struct area *area_after(const struct areas *areas, uint64_t address)
{
	struct area *area = areas->first;

	while (area && area->end <= address)
		area = area->next;
	return area;
}

struct area *area_at(const struct areas *areas, uint64_t address)
{
	struct area *area = area_after(areas, address);

	return area && area->start <= address ? area : NULL;
}

static struct area *area_create(const struct area *from)
{
	struct area *area = pool_take(&pool);

	if (!area)
		return NULL;
	*area = *from;
	if (area->file)
		file_acquire(area->file);
	return area;
}

static void area_destroy(struct area *area)
{
	if (area->file)
		file_release(area->file);
	pool_free(&pool, area);
}

/* Whether b could be the continuation of a. */
static bool joins(const struct area *a, const struct area *b)
{
	return a->end == b->start && a->flags == b->flags && a->file == b->file &&
	       !(a->flags & AREA_STACK) &&
	       (!a->file || a->offset + (a->end - a->start) == b->offset);
}

int area_insert(struct areas *areas, uint64_t start, uint64_t end, unsigned flags,
	struct file *file, uint64_t offset)
{
	struct area wanted = {NULL, start, end, flags, file, offset};
	struct area **link = &areas->first, *before = NULL, *area;

	while (*link && (*link)->end <= start) {
		before = *link;
		link = &before->next;
	}
	if (*link && (*link)->start < end)
		return -EEXIST;
	if (before && joins(before, &wanted)) {
		before->end = end;
	} else if (*link && joins(&wanted, *link)) {
		(*link)->start = start;
		(*link)->offset = offset;
	} else {
		area = area_create(&wanted);
		if (!area)
			return -ENOMEM;
		area->next = *link;
		*link = area;
	}
	areas->pages += (end - start) / PAGE_SIZE;
	return 0;
}

/* Makes `at` a border between areas. */
static int split(struct areas *areas, uint64_t at)
{
	struct area *area = area_at(areas, at), *rest;

	if (!area || area->start == at)
		return 0;
	rest = area_create(area);
	if (!rest)
		return -ENOMEM;
	rest->start = at;
	rest->offset += at - area->start;
	area->end = at;
	area->next = rest;
	return 0;
}

int area_cut(struct areas *areas, uint64_t start, uint64_t end)
{
	struct area **link = &areas->first;

	if (split(areas, start) || split(areas, end))
		return -ENOMEM;
	while (*link && (*link)->end <= start)
		link = &(*link)->next;
	while (*link && (*link)->start < end) {
		struct area *gone = *link;

		*link = gone->next;
		areas->pages -= (gone->end - gone->start) / PAGE_SIZE;
		area_destroy(gone);
	}
	return 0;
}

bool area_covers(const struct areas *areas, uint64_t start, uint64_t end)
{
	const struct area *area = area_after(areas, start);

	for (; area && area->start <= start; area = area->next) {
		if (area->end >= end)
			return true;
		start = area->end;
	}
	return false;
}

int area_set_rights(struct areas *areas, uint64_t start, uint64_t end, unsigned rights)
{
	unsigned lost = rights & AREA_WRITE ? AREA_CLEAN : 0;

	if (!area_covers(areas, start, end) || split(areas, start) || split(areas, end))
		return -ENOMEM;
	for (struct area *area = area_after(areas, start); area && area->start < end;
		area = area->next)
		area->flags = (area->flags & ~(AREA_RIGHTS | lost)) | rights;
	return 0;
}

uint64_t area_gap(const struct areas *areas, uint64_t size, uint64_t lowest, uint64_t top)
{
	uint64_t found = 0, from = lowest;

	for (const struct area *area = areas->first; area; area = area->next) {
		uint64_t to = area->start < top ? area->start : top;

		if (to > from && to - from >= size)
			found = to - size;
		if (area->end > from)
			from = area->end;
	}
	if (from < top && top - from >= size)
		found = top - size;
	return found;
}

int area_copy(const struct areas *areas, struct areas *copy)
{
	struct area **link = &copy->first;

	for (const struct area *area = areas->first; area; area = area->next) {
		*link = area_create(area);
		if (!*link)
			return -ENOMEM;
		(*link)->next = NULL;
		link = &(*link)->next;
	}
	copy->pages = areas->pages;
	return 0;
}

void area_clear(struct areas *areas)
{
	while (areas->first) {
		struct area *gone = areas->first;

		areas->first = gone->next;
		area_destroy(gone);
	}
	areas->pages = 0;
}
