/* SPDX-License-Identifier: MIT */
/*
 * death.h: what happens when a guest has died: evidence, a second run where the first hid
 * something, the report.
 */
#ifndef VMM_DEATH_H
#define VMM_DEATH_H

#include "machine.h"
#include "report_file.h"

/* Explains the death in machine->outcome on stderr and in file (may be NULL). status: what vmm will
 * exit with. */
void death_report(struct machine *machine, int status, const struct report_file *file);

#endif
