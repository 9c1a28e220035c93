/* SPDX-License-Identifier: MIT */
/*
 * linear.h: guest memory by linear address, as the CPU itself would access it, with the walk that
 * stops it.
 */
#ifndef AUTOPSY_LINEAR_H
#define AUTOPSY_LINEAR_H

#include "walk.h"

enum linear_status {
	LINEAR_OK,
	LINEAR_FAULT, /* the walk raises #PF */
	LINEAR_NON_CANONICAL,
	LINEAR_OUTSIDE_RAM, /* a page or a page table is not RAM: what the CPU sees there is not
	                       known */
};

struct linear_result {
	enum linear_status status;
	uint64_t address; /* of the byte that the failing access begins with: CR2 for #PF */
	struct walk walk; /* of the failing access; when all is well, of the last page */
};

/* Accesses by the CPU to its own tables. */
static const struct walk_access linear_system_read = {.implicit_supervisor = true};

/* Reads n bytes, crossing pages where need be, to buf. buf is unspecified unless LINEAR_OK. Outside
 * long mode the address wraps at 4 GiB. */
struct linear_result linear_read(const struct phys_mem *mem, const struct cpu_state *cpu,
	uint64_t linear, void *buf, size_t n, struct walk_access access);

/* The same checks without data: would an access to n bytes succeed? For writes and fetches. */
struct linear_result linear_check(const struct phys_mem *mem, const struct cpu_state *cpu,
	uint64_t linear, size_t n, struct walk_access access);

#endif
