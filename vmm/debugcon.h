/* SPDX-License-Identifier: MIT */
/*
 * debugcon.h: port 0xe9: every byte written goes to the console; reading gives 0xe9, by which a
 * guest knows it.
 */
#ifndef VMM_DEBUGCON_H
#define VMM_DEBUGCON_H

#include "bus.h"
#include "console.h"

/* Claims the port. console stays the caller's and outlives the bus. */
bool debugcon_init(struct console *console, struct bus *bus, struct error *err);

#endif
