/* SPDX-License-Identifier: MIT */
/*
 * hypercall.c: exit, put character, get character.
 */
#include "hypercall.h"

#include "guest_abi.h"

#define NO_CHARACTER 0xff

static void call(struct hypercall *hypercall, uint8_t number)
{
	uint8_t byte;

	switch (number) {
	case VMM_HC_EXIT:
		power_request(hypercall->power, POWER_EXIT, 0, "hypercall");
		break;
	case VMM_HC_PUTCHAR:
		byte = hypercall->argument(hypercall->ctx);
		console_write(hypercall->console, &byte, 1);
		break;
	case VMM_HC_GETCHAR:
		hypercall->answer = input_take(hypercall->input, &byte) ? byte : NO_CHARACTER;
		break;
	default:
		hypercall->unknown++;
		break;
	}
}

static void hypercall_access(void *device, struct io *io)
{
	struct hypercall *hypercall = device;

	if (io->write) {
		call(hypercall, io->value);
		return;
	}
	io->value = hypercall->answer;
	hypercall->answer = NO_CHARACTER;
}

bool hypercall_init(struct hypercall *hypercall, struct bus *bus, struct console *console,
	struct input *input, struct power *power, uint8_t (*argument)(void *ctx), void *ctx,
	struct error *err)
{
	struct bus_range range = {
		VMM_PORT_HYPERCALL, 1, "byte hypercalls", hypercall_access, hypercall, 1};

	*hypercall = (struct hypercall){
		.console = console,
		.input = input,
		.power = power,
		.argument = argument,
		.ctx = ctx,
		.answer = NO_CHARACTER,
	};
	return bus_claim(bus, &range, err);
}
