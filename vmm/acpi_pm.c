/* SPDX-License-Identifier: MIT */
/*
 * acpi_pm.c: power off. Follows the ACPI specification, "PM1 Control Registers": bit 13 is SLP_EN,
 * bits 10 to 12 are SLP_TYP, whose value 0 means S5 (soft off) here as on QEMU's machines. Not
 * modelled: every other sleep state.
 */
#include "acpi_pm.h"

#include "guest_abi.h"

#define SLP_TYP 0x1c00
#define SLP_EN  0x2000

static void acpi_pm_access(void *device, struct io *io)
{
	uint64_t value = io->value
	                 << (8 * io->offset); /* a byte written to 0x605 is the upper half */

	if (!io->write)
		io->value = 0;
	else if ((value & (SLP_EN | SLP_TYP)) == SLP_EN)
		power_request(device, POWER_OFF, 0, "ACPI");
}

bool acpi_pm_init(struct power *power, struct bus *bus, struct error *err)
{
	struct bus_range range = {
		VMM_PORT_ACPI_PM1A_CNT, 2, "ACPI power off", acpi_pm_access, power, 0};

	return bus_claim(bus, &range, err);
}
