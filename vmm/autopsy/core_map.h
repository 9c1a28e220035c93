/* SPDX-License-Identifier: MIT */
/*
 * core_map.h: the linear address space of a CPU as runs of contiguous guest-physical memory.
 */
#ifndef AUTOPSY_CORE_MAP_H
#define AUTOPSY_CORE_MAP_H

#include "evidence.h"

struct core_run {
	uint64_t linear, gpa, size; /* bytes */
	bool write, execute;
};

struct core_map {
	struct core_run *runs; /* sorted by linear address; free() it */
	unsigned count;
	bool cut; /* there were more than anybody needs */
};

/* Everything that the CPU's page tables map into RAM; without paging, RAM itself. An empty map
 * when there is no memory for it. */
struct core_map core_map_make(const struct evidence *evidence, const struct cpu_state *cpu);

#endif
