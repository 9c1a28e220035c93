/* SPDX-License-Identifier: MIT */
/*
 * devices.h: the chips of a machine, and their construction in one list.
 */
#ifndef VMM_DEVICES_H
#define VMM_DEVICES_H

#include <stdbool.h>

#include "bufcon.h"
#include "cmos.h"
#include "copier.h"
#include "error.h"
#include "hypercall.h"
#include "i8042.h"
#include "serial.h"

struct machine;

/* Chips that keep a state. The debug console, the exit ports and pvpanic have none. */
struct devices {
	struct serial serial;
	struct i8042 i8042;
	struct cmos cmos;
	struct bufcon bufcon;
	struct copier copier;
	struct hypercall hypercall;
};

/* Initialises every chip and claims its ports. */
bool devices_create(struct machine *machine, struct error *err);

/* To be called now and then: a guest that only waits for the keyboard's interrupt touches no port,
 * so it is asked whether it lets that interrupt through. The machine's lock is held. */
void devices_tick(struct machine *machine);

/* New input has arrived: chips that offer it raise their interrupts. The machine's lock is held. */
void devices_input(struct devices *devices);

#endif
