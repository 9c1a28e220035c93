/* SPDX-License-Identifier: MIT */
/*
 * debugexit.h: ports by which a guest ends with a status of its own: 0xf4 as QEMU's isa-debug-exit,
 * 0x502 plainly.
 */
#ifndef VMM_DEBUGEXIT_H
#define VMM_DEBUGEXIT_H

#include "bus.h"
#include "power.h"

/* Claims the ports. power stays the caller's and outlives the bus. */
bool debugexit_init(struct power *power, struct bus *bus, struct error *err);

#endif
