/* SPDX-License-Identifier: MIT */
/*
 * debugcon.c: the debug console that Bochs introduced.
 */
#include "debugcon.h"

#include "guest_abi.h"

static void debugcon_access(void *device, struct io *io)
{
	uint8_t byte = io->value;

	if (io->write)
		console_write(device, &byte, 1);
	else
		io->value = VMM_PORT_DEBUGCON;
}

bool debugcon_init(struct console *console, struct bus *bus, struct error *err)
{
	struct bus_range range = {
		VMM_PORT_DEBUGCON, 1, "debug console", debugcon_access, console, 1};

	return bus_claim(bus, &range, err);
}
