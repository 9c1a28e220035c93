/* SPDX-License-Identifier: MIT */
/*
 * bufcon.c: writes buffers in guest memory to the console, one exit each. A bad request does
 * nothing but get remembered.
 */
#include "bufcon.h"

#include <string.h>

#include "guest_abi.h"

static void refuse(struct bufcon *bufcon, enum bufcon_fault fault, uint64_t gpa, uint64_t length)
{
	bufcon->refused++;
	bufcon->fault = fault;
	bufcon->fault_gpa = gpa;
	bufcon->fault_length = length;
}

static void write_buffer(struct bufcon *bufcon, uint64_t gpa)
{
	const struct guest_view *view = &bufcon->view;
	struct vmm_console_buffer buffer;
	const void *from = view->at(view->ctx, gpa, sizeof(buffer));

	if (!from) {
		refuse(bufcon, BUFCON_BAD_DESCRIPTOR, gpa, sizeof(buffer));
		return;
	}
	memcpy(&buffer, from,
		sizeof(buffer)); /* another vCPU may change it between check and use */
	if (buffer.flags) {
		refuse(bufcon, BUFCON_BAD_FLAGS, gpa, sizeof(buffer));
		return;
	}
	if (!buffer.length)
		return;
	from = view->at(view->ctx, buffer.gpa, buffer.length);
	if (!from) {
		refuse(bufcon, BUFCON_BAD_BUFFER, buffer.gpa, buffer.length);
		return;
	}
	console_write(bufcon->console, from, buffer.length);
	/* A prompt, say: whoever writes a whole buffer does not go on with single bytes. */
	console_flush(bufcon->console);
}

static void bufcon_access(void *device, struct io *io)
{
	struct bufcon *bufcon = device;

	if (!io->write)
		return;
	if (io->size == 4)
		write_buffer(bufcon, io->value);
	else
		refuse(bufcon, BUFCON_BAD_SIZE, io->value, io->size);
}

bool bufcon_init(struct bufcon *bufcon, struct bus *bus, struct console *console,
	const struct guest_view *view, struct error *err)
{
	struct bus_range range = {VMM_PORT_CONSOLE, 1, "buffer console", bufcon_access, bufcon, 0};

	*bufcon = (struct bufcon){.console = console, .view = *view};
	return bus_claim(bus, &range, err);
}

const char *bufcon_fault_name(enum bufcon_fault fault)
{
	static const char *const names[] = {
		[BUFCON_FINE] = "nothing is wrong",
		[BUFCON_BAD_SIZE] = "it takes a 32-bit OUT only",
		[BUFCON_BAD_DESCRIPTOR] = "its descriptor is not in RAM",
		[BUFCON_BAD_BUFFER] = "its buffer is not in RAM",
		[BUFCON_BAD_FLAGS] = "its flags are not 0",
	};

	return names[fault];
}
