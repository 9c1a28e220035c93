/* SPDX-License-Identifier: MIT */
/*
 * acpi_pm.h: port 0x604, the PM1a control register of ACPI, for one purpose: 0x2000 powers the
 * machine off.
 */
#ifndef VMM_ACPI_PM_H
#define VMM_ACPI_PM_H

#include "bus.h"
#include "power.h"

/* Claims the port. power stays the caller's and outlives the bus. */
bool acpi_pm_init(struct power *power, struct bus *bus, struct error *err);

#endif
