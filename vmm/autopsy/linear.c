/* SPDX-License-Identifier: MIT */
/*
 * linear.c: guest memory by linear address: one page walk a page, the first that fails ends the
 * access.
 */
#include "linear.h"

#define SMALL_PAGE 4096u

static enum linear_status status_of(const struct walk *walk)
{
	if (walk->allowed)
		return LINEAR_OK;
	if (walk->reason == WALK_NON_CANONICAL)
		return LINEAR_NON_CANONICAL;
	return walk->page_fault ? LINEAR_FAULT : LINEAR_OUTSIDE_RAM;
}

/* True when all n bytes are RAM; buf NULL only asks. */
static bool ram_read(const struct phys_mem *mem, uint64_t gpa, uint8_t *buf, size_t n)
{
	uint8_t probe[64];
	size_t part;

	if (buf)
		return phys_read(mem, gpa, buf, n);
	for (; n > 0; n -= part, gpa += part) {
		part = n < sizeof(probe) ? n : sizeof(probe);
		if (!phys_read(mem, gpa, probe, part))
			return false;
	}
	return true;
}

static struct linear_result linear_access(const struct phys_mem *mem, const struct cpu_state *cpu,
	uint64_t linear, uint8_t *buf, size_t n, struct walk_access access)
{
	struct linear_result result = {.status = LINEAR_OK};
	size_t part;

	for (; n > 0; n -= part, linear += part) {
		if (!cpu_long_mode(cpu))
			linear = (uint32_t)linear;
		part = SMALL_PAGE - (linear & (SMALL_PAGE - 1));
		if (part > n)
			part = n;
		result.address = linear;
		result.walk = walk_linear(mem, cpu, linear, access);
		result.status = status_of(&result.walk);
		if (result.status == LINEAR_OK && !ram_read(mem, result.walk.gpa, buf, part))
			result.status = LINEAR_OUTSIDE_RAM;
		if (result.status != LINEAR_OK)
			return result;
		if (buf)
			buf += part;
	}
	return result;
}

struct linear_result linear_read(const struct phys_mem *mem, const struct cpu_state *cpu,
	uint64_t linear, void *buf, size_t n, struct walk_access access)
{
	return linear_access(mem, cpu, linear, buf, n, access);
}

struct linear_result linear_check(const struct phys_mem *mem, const struct cpu_state *cpu,
	uint64_t linear, size_t n, struct walk_access access)
{
	return linear_access(mem, cpu, linear, NULL, n, access);
}
