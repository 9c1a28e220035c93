/* SPDX-License-Identifier: MIT */
/*
 * user.c: what a machine does with typed input and with the commands of its user.
 */
#include "user.h"

#include <stdio.h>
#include <unistd.h>

static void on_notify(void *ctx)
{
	struct machine *machine = ctx;

	replay_record(&machine->replay, &machine->input, machine->vcpus[0].exits);
	devices_input(&machine->devices);
}

static void on_quit(void *ctx)
{
	struct outcome outcome = {.quit = true};

	machine_end(ctx, &outcome);
}

/* Registers are not shown: asking a vCPU for them waits until it leaves the guest. */
static void on_status(void *ctx)
{
	const struct machine *machine = ctx;

	fprintf(stderr,
		"\nvmm: running for %.1f s: %llu exits, %llu bytes of output, %llu of input\n",
		machine_now() - machine->started, (unsigned long long)machine->exits.total,
		(unsigned long long)machine->console.total,
		(unsigned long long)machine->input.tail);
}

bool user_attach(struct stdin_reader *reader, struct machine *machine, struct error *err)
{
	struct stdin_hooks hooks = {on_notify, on_quit, on_status, machine};

	return stdin_reader_start(
		reader, STDIN_FILENO, &machine->input, &machine->lock, &hooks, err);
}

void user_detach(struct stdin_reader *reader)
{
	stdin_reader_stop(reader);
}
