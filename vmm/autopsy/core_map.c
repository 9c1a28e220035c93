/* SPDX-License-Identifier: MIT */
/*
 * core_map.c: walking the whole linear address space, a page or a hole at a time. Page tables that
 * point at themselves map without end: there is a limit to the walks and to the runs.
 */
#include "core_map.h"

#include <stdlib.h>

#include "walk.h"

#define RUNS_MAX  16384
#define WALKS_MAX (4u << 20)
#define GIB4      (4ull << 30)

struct mapper {
	const struct evidence *evidence;
	const struct cpu_state *cpu;
	struct core_map map;
	unsigned capacity, walks;
};

/* How much of [gpa, gpa + size) is RAM, from its beginning. */
static uint64_t ram_length(const struct evidence *evidence, uint64_t gpa, uint64_t size)
{
	uint64_t left = 0;

	if (gpa < evidence->ram_low)
		left = evidence->ram_low - gpa;
	else if (gpa >= GIB4 && gpa - GIB4 < evidence->ram_high)
		left = evidence->ram_high - (gpa - GIB4);
	return left < size ? left : size;
}

static void add_run(struct mapper *mapper, struct core_run run)
{
	struct core_map *map = &mapper->map;
	struct core_run *last = map->count ? &map->runs[map->count - 1] : NULL;

	if (run.size == 0)
		return;
	if (last && last->linear + last->size == run.linear && last->gpa + last->size == run.gpa &&
		last->write == run.write && last->execute == run.execute) {
		last->size += run.size;
		return;
	}
	if (map->count == mapper->capacity) {
		unsigned capacity = mapper->capacity ? 2 * mapper->capacity : 64;
		struct core_run *runs =
			map->count < RUNS_MAX ? realloc(map->runs, capacity * sizeof(*runs)) : NULL;

		if (!runs) {
			map->cut = true;
			return;
		}
		map->runs = runs;
		mapper->capacity = capacity;
	}
	map->runs[map->count++] = run;
}

/* Bytes of linear address space that one entry of this level covers. */
static uint64_t level_span(const struct walk *walk)
{
	unsigned bits = walk->mode >= PAGING_PAE ? 9 : 10;

	if (walk->guilty == WALK_NO_GUILTY)
		return 4096;
	return 4096ull << bits * walk->step[walk->guilty].level;
}

/* Maps [first, last]; both are the ends of pages. */
static void map_range(struct mapper *mapper, uint64_t first, uint64_t last)
{
	const struct walk_access access = {.implicit_supervisor = true};

	for (uint64_t at = first; !mapper->map.cut;) {
		struct walk walk = walk_linear(&mapper->evidence->mem, mapper->cpu, at, access);
		uint64_t span = walk.translated ? walk.page_size : level_span(&walk);

		span -= at & (span - 1);
		if (walk.translated)
			add_run(mapper,
				(struct core_run){.linear = at,
					.gpa = walk.gpa,
					.size = ram_length(mapper->evidence, walk.gpa, span),
					.write = walk.rights.write,
					.execute = walk.rights.execute});
		if (++mapper->walks == WALKS_MAX)
			mapper->map.cut = true;
		if (span - 1 >= last - at)
			return;
		at += span;
	}
}

static int compare_runs(const void *a, const void *b)
{
	const struct core_run *x = a, *y = b;

	return x->linear < y->linear ? -1 : x->linear > y->linear;
}

/* The upper half comes first: kernels live there, and it must not be what is cut. */
struct core_map core_map_make(const struct evidence *evidence, const struct cpu_state *cpu)
{
	struct mapper mapper = {.evidence = evidence, .cpu = cpu};
	enum paging_mode mode = paging_mode(cpu);
	unsigned bits = mode == PAGING_5LEVEL ? 56 : 47;

	if (mode == PAGING_NONE) {
		add_run(&mapper, (struct core_run){0, 0, evidence->ram_low, true, true});
	} else if (mode < PAGING_4LEVEL) {
		map_range(&mapper, 0, 0xffffffff);
	} else {
		map_range(&mapper, ~0ull << bits, ~0ull);
		map_range(&mapper, 0, (1ull << bits) - 1);
	}
	if (mapper.map.count)
		qsort(mapper.map.runs, mapper.map.count, sizeof(struct core_run), compare_runs);
	return mapper.map;
}
