/* SPDX-License-Identifier: MIT */
/*
 * pvpanic.c: QEMU's docs/specs/pvpanic. Reading tells which events are understood: only bit 0,
 * panicked.
 */
#include "pvpanic.h"

#include "guest_abi.h"

#define PANICKED 0x01

static void pvpanic_access(void *device, struct io *io)
{
	if (!io->write)
		io->value = PANICKED;
	else if (io->value & PANICKED)
		power_request(device, POWER_PANIC, 0, "pvpanic");
}

bool pvpanic_init(struct power *power, struct bus *bus, struct error *err)
{
	struct bus_range range = {VMM_PORT_PVPANIC, 1, "pvpanic", pvpanic_access, power, 0};

	return bus_claim(bus, &range, err);
}
