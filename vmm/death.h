/* SPDX-License-Identifier: MIT */
/*
 * death.h: what happens when a guest has died: evidence, a second run where the first hid
 * something, the report.
 */
#ifndef VMM_DEATH_H
#define VMM_DEATH_H

#include "machine.h"

/* Explains the death in machine->outcome on stderr and where the configuration wants it. */
void death_report(struct machine *machine);

#endif
