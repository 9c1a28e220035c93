/* SPDX-License-Identifier: MIT */
/*
 * user.c: what a machine does with typed input and with the commands of its user.
 */
#include "user.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static void on_notify(void *ctx)
{
	struct machine *machine = ctx;

	replay_record(&machine->replay, &machine->input, machine->vcpus[0].exits);
	devices_input(&machine->devices);
}

/* The next tick ends the run; a console that waits for its reader waits no longer. */
static void on_quit(void *ctx)
{
	struct machine *machine = ctx;

	__atomic_store_n(&machine->quit, true, __ATOMIC_RELEASE);
}

static void print_status(const struct machine *machine)
{
	fprintf(stderr,
		"\nvmm: running for %.1f s: %llu exits, %llu bytes of output, %llu of input\n",
		machine_now() - machine->started, (unsigned long long)machine->exits.total,
		(unsigned long long)machine->console.total,
		(unsigned long long)machine->input.tail);
}

/* Registers are not shown: asking a vCPU for them waits until it leaves the guest. */
static void on_status(void *ctx)
{
	struct machine *machine = ctx;
	struct timespec limit;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec++;
	if (pthread_mutex_timedlock(&machine->lock, &limit)) {
		fprintf(stderr, "\nvmm: waiting for whoever reads stdout\n");
		return;
	}
	print_status(machine);
	pthread_mutex_unlock(&machine->lock);
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
