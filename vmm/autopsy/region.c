/* SPDX-License-Identifier: MIT */
/*
 * region.c: comparing memory with what the monitor wrote there.
 */
#include "region.h"

#include <string.h>

#define CHUNK 4096

struct region_damage region_compare(
	const struct phys_mem *mem, const struct evidence_region *region)
{
	struct region_damage damage = {0};
	uint8_t now[CHUNK];
	bool zero_now = true, zero_then = true;

	if (!region->pristine)
		return damage;
	for (uint64_t at = 0; at < region->size; at += CHUNK) {
		size_t n = region->size - at < CHUNK ? region->size - at : CHUNK;

		if (!phys_read(mem, region->gpa + at, now, n)) {
			zero_now = false;
			continue;
		}
		for (size_t i = 0; i < n; i++) {
			zero_now = zero_now && now[i] == 0;
			zero_then = zero_then && region->pristine[at + i] == 0;
			if (now[i] == region->pristine[at + i])
				continue;
			damage.first = damage.bytes ? damage.first : region->gpa + at + i;
			damage.last = region->gpa + at + i;
			damage.bytes++;
		}
	}
	damage.zeroed = zero_now && !zero_then;
	return damage;
}

size_t region_loaded(const struct evidence *evidence, uint64_t linear, void *buf, size_t n)
{
	for (int physical = 0; physical < 2; physical++)
		for (unsigned i = 0; i < evidence->region_count; i++) {
			const struct evidence_region *region = &evidence->regions[i];
			uint64_t at = linear - (physical ? region->gpa : region->linear);

			if (region->monitor || !region->pristine || at >= region->size)
				continue;
			n = n < region->size - at ? n : region->size - at;
			memcpy(buf, region->pristine + at, n);
			return n;
		}
	return 0;
}

bool region_overlaps(const struct evidence_region *a, const struct evidence_region *b)
{
	if (a->gpa > b->gpa)
		return region_overlaps(b, a);
	return a->size && b->size && b->gpa - a->gpa < a->size;
}

const struct evidence_region *region_find(const struct evidence *evidence, uint64_t gpa)
{
	const struct evidence_region *found = NULL;

	for (unsigned i = 0; i < evidence->region_count; i++) {
		const struct evidence_region *region = &evidence->regions[i];

		if (gpa >= region->gpa && gpa - region->gpa < region->size &&
			(!found || region->size < found->size))
			found = region;
	}
	return found;
}
