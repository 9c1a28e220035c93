/* SPDX-License-Identifier: MIT */
/*
 * cmos.h: the PC's real-time clock and its battery-backed memory.
 */
#ifndef VMM_CMOS_H
#define VMM_CMOS_H

#include "bus.h"

/* Where the time comes from: microseconds since 1970-01-01 00:00 UTC. */
struct cmos_clock {
	int64_t (*now)(void *ctx);
	void *ctx;
};

struct cmos {
	struct cmos_clock clock;
	int64_t offset; /* seconds that the guest has set its clock ahead */
	uint8_t index;
	uint8_t ram[128]; /* registers; those of the time count only while the guest sets it */
};

/* Resets the chip, fills in the memory sizes (bytes of RAM below and above 4 GiB) where a BIOS
 * leaves them, and claims ports 0x70 and 0x71. clock is copied; NULL: the host's. */
bool cmos_init(struct cmos *cmos, struct bus *bus, const struct cmos_clock *clock, uint64_t ram_low,
	uint64_t ram_high, struct error *err);

#endif
