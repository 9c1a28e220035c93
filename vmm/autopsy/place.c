/* SPDX-License-Identifier: MIT */
/*
 * place.c: what is known about one linear address.
 */
#include "findings_parts.h"

struct place findings_place(const struct findings *findings, uint64_t linear)
{
	const struct evidence *evidence = findings->evidence;
	struct place place = {.address = linear};
	struct walk walk = walk_linear(&evidence->mem, &findings->cpu, linear, linear_system_read);

	place.has_symbol = symbols_find_address(findings->symbols, linear, &place.symbol);
	place.has_line = symbols_find_line(findings->symbols, linear, &place.line);
	place.has_segment = symbols_find_segment(findings->symbols, linear, &place.segment);
	place.mapped = walk.allowed;
	if (walk.allowed) {
		place.gpa = walk.gpa;
		place.region = region_find(evidence, walk.gpa);
	}
	return place;
}

const char *known_word(enum known known)
{
	static const char *const words[] = {"not known", "inferred", "recovered", "observed"};

	return words[known];
}
