/* SPDX-License-Identifier: MIT */
/*
 * walk_text.c: a page walk in English.
 */
#include <inttypes.h>
#include <stdio.h>

#include "walk.h"

const char *walk_level_name(enum walk_level level)
{
	static const char *const names[] = {"PTE", "PDE", "PDPTE", "PML4E", "PML5E"};

	return names[level];
}

const char *walk_reason_text(enum walk_reason reason)
{
	static const char *const texts[WALK_REASON_COUNT] = {
		[WALK_OK] = "the access is allowed",
		[WALK_NON_CANONICAL] = "the address is not canonical",
		[WALK_TABLE_OUTSIDE_RAM] = "a page table lies outside RAM",
		[WALK_NOT_PRESENT] = "the page is not present",
		[WALK_RESERVED_BIT] = "a reserved bit is set",
		[WALK_NOT_USER] = "the page is not accessible from user mode",
		[WALK_NOT_WRITABLE] = "the page is read-only",
		[WALK_NO_EXECUTE] = "the page is not executable",
		[WALK_SMEP] = "the kernel may not execute a user page (SMEP)",
		[WALK_SMAP] = "the kernel may not access a user page (SMAP)",
	};

	return texts[reason];
}

/* What the guilty entry does wrong, as the end of a sentence that begins with its name. */
static const char *guilty_text(enum walk_reason reason)
{
	static const char *const texts[WALK_REASON_COUNT] = {
		[WALK_TABLE_OUTSIDE_RAM] = "lies outside RAM",
		[WALK_NOT_PRESENT] = "is not present",
		[WALK_RESERVED_BIT] = "has reserved bits set",
		[WALK_NOT_USER] = "forbids user access (U=0)",
		[WALK_NOT_WRITABLE] = "forbids writes (W=0)",
		[WALK_NO_EXECUTE] = "forbids execution (NX=1)",
		[WALK_SMEP] = "is a user page (U=1), which SMEP keeps the kernel from executing",
		[WALK_SMAP] = "is a user page (U=1), which SMAP keeps the kernel from accessing",
	};

	return texts[reason];
}

char *walk_describe(const struct walk *walk, char *buf, size_t n)
{
	const struct walk_step *step;

	if (walk->guilty == WALK_NO_GUILTY) {
		snprintf(buf, n, "%s", walk_reason_text(walk->reason));
		return buf;
	}
	step = &walk->step[walk->guilty];
	if (walk->reason == WALK_RESERVED_BIT)
		snprintf(buf, n, "%s %u at 0x%" PRIx64 " has reserved bits set: 0x%" PRIx64,
			walk_level_name(step->level), step->index, step->gpa, step->reserved);
	else
		snprintf(buf, n, "%s %u at 0x%" PRIx64 " %s", walk_level_name(step->level),
			step->index, step->gpa, guilty_text(walk->reason));
	return buf;
}
