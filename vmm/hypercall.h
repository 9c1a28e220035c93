/* SPDX-License-Identifier: MIT */
/*
 * hypercall.h: port 0x500: hypercalls for the smallest of guests: a number in AL, an argument in
 * BL.
 */
#ifndef VMM_HYPERCALL_H
#define VMM_HYPERCALL_H

#include "bus.h"
#include "console.h"
#include "input.h"
#include "power.h"

struct hypercall {
	struct console *console;
	struct input *input;
	struct power *power;
	uint8_t (*argument)(void *ctx); /* BL of the vCPU whose OUT is being carried out */
	void *ctx;
	uint8_t answer;   /* what the next IN gives */
	uint64_t unknown; /* calls with a number that does not exist */
};

/* Claims the port. The pointers stay the caller's. */
bool hypercall_init(struct hypercall *hypercall, struct bus *bus, struct console *console,
	struct input *input, struct power *power, uint8_t (*argument)(void *ctx), void *ctx,
	struct error *err);

#endif
