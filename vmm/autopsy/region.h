/* SPDX-License-Identifier: MIT */
/*
 * region.h: what happened to a named stretch of guest memory.
 */
#ifndef AUTOPSY_REGION_H
#define AUTOPSY_REGION_H

#include "evidence.h"

struct region_damage {
	uint64_t bytes; /* that differ from the pristine copy */
	uint64_t first; /* guest-physical address of the first of them */
	uint64_t last;
	bool zeroed; /* all of the region is zero now, and was not */
};

/* Copies what the monitor put at linear before the start, by the address at which the image is
 * mapped or else its physical one: up to n bytes within one region of the image. Returns their
 * number. */
size_t region_loaded(const struct evidence *evidence, uint64_t linear, void *buf, size_t n);

/* Compares a region with its pristine copy. All zero when it has none or is as it was; memory that
 * cannot be read counts as unchanged. */
struct region_damage region_compare(
	const struct phys_mem *mem, const struct evidence_region *region);

/* True when two regions share a byte. */
bool region_overlaps(const struct evidence_region *a, const struct evidence_region *b);

/* The region that holds gpa, or NULL; the smallest when there are several. */
const struct evidence_region *region_find(const struct evidence *evidence, uint64_t gpa);

#endif
