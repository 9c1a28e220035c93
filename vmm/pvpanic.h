/* SPDX-License-Identifier: MIT */
/*
 * pvpanic.h: port 0x505: the guest's kernel says that it has panicked.
 */
#ifndef VMM_PVPANIC_H
#define VMM_PVPANIC_H

#include "bus.h"
#include "power.h"

/* Claims the port. power stays the caller's and outlives the bus. */
bool pvpanic_init(struct power *power, struct bus *bus, struct error *err);

#endif
