/* SPDX-License-Identifier: MIT */
/*
 * bus.h: who answers at a port or a guest-physical address. One struct bus for port I/O, one for
 * MMIO.
 */
#ifndef VMM_BUS_H
#define VMM_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "autopsy/evidence.h"
#include "error.h"

/* One access of 1, 2, 4 or 8 bytes. */
struct io {
	uint64_t offset; /* from the base of the claimed range */
	unsigned size;
	bool write;
	uint64_t value; /* written, or to be set by the device for a read; the bus lets it start as
	                   all ones */
};

typedef void io_fn(void *device, struct io *io);

struct bus_range {
	uint64_t base, length;
	const char *owner; /* a literal: the name in messages and reports */
	io_fn *access;
	void *device;
	/* 0: an access belongs whole to the device at its first address, even where it reaches
	 * beyond the range. 1: an 8-bit chip, as on an ISA bus: wider accesses are split, each byte
	 * goes to its own address. */
	unsigned width;
};

#define BUS_RANGES 24

struct bus {
	struct bus_range ranges[BUS_RANGES];
	unsigned count;
	bool mmio;
	struct unclaimed unclaimed[UNCLAIMED_MAX];
	unsigned unclaimed_count;
	uint64_t unclaimed_other; /* accesses to further addresses, when unclaimed[] is full */
};

/* Claims [base, base + length) for a device. False, with err set to a bug of vmm (70), when the
 * range is taken or the table is full. The bus keeps the pointers; it owns nothing. */
bool bus_claim(struct bus *bus, const struct bus_range *range, struct error *err);

/* One access of 1, 2, 4 or 8 bytes at an absolute address, aligned or not; offset is set here, and
 * value for a read (cut to size). An unclaimed read gives all ones; unclaimed accesses are counted.
 */
void bus_access(struct bus *bus, uint64_t where, struct io *io);

/* The range that claims `where`, or NULL. */
const struct bus_range *bus_find(const struct bus *bus, uint64_t where);

#endif
