/* SPDX-License-Identifier: MIT */
/*
 * debugexit.c: the guest's exit status.
 */
#include "debugexit.h"

#include "guest_abi.h"

/* QEMU's semantics: the status is odd, so it never says success. Reads as 0 there too. */
static void debugexit_access(void *device, struct io *io)
{
	if (io->write)
		power_request(device, POWER_EXIT, (io->value << 1 | 1) & 0xff, "isa-debug-exit");
	else
		io->value = 0;
}

static void exit_port_access(void *device, struct io *io)
{
	if (io->write)
		power_request(device, POWER_EXIT, io->value & 0xff, "exit port");
}

bool debugexit_init(struct power *power, struct bus *bus, struct error *err)
{
	struct bus_range debug = {
		VMM_PORT_DEBUG_EXIT, 1, "isa-debug-exit", debugexit_access, power, 0};
	struct bus_range plain = {VMM_PORT_EXIT, 1, "exit port", exit_port_access, power, 0};

	return bus_claim(bus, &debug, err) && bus_claim(bus, &plain, err);
}
