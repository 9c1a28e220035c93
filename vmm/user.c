/* SPDX-License-Identifier: MIT */
/*
 * user.c: what machines do with typed input and with the commands of their user.
 */
#include "user.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* The reader holds the lock. A machine that has ended is looked at by others, its record of the
 * input too. */
static void on_notify(void *ctx)
{
	const struct user *user = ctx;
	struct machine *machine = user->machines[0].machine;

	if (machine->ended)
		return;
	replay_record(&machine->replay, &machine->input, machine->vcpus[0].exits);
	devices_input(&machine->devices);
}

/* The next tick ends the runs; a console that waits for its reader waits no longer. */
static void on_quit(void *ctx)
{
	const struct user *user = ctx;

	for (unsigned i = 0; i < user->count; i++)
		__atomic_store_n(&user->machines[i].machine->quit, true, __ATOMIC_RELEASE);
}

static void print_status(const struct machine *machine, const char *name)
{
	fprintf(stderr, "vmm: %s%s for %.1f s: %llu exits, %llu bytes of output, %llu of input\n",
		name, machine->ended ? "ended, started" : "running",
		machine_now() - machine->started, (unsigned long long)machine->exits.total,
		(unsigned long long)machine->console.total,
		(unsigned long long)machine->input.tail);
}

/* Registers are not shown: asking a vCPU for them waits until it leaves the guest. */
static void tell_status(const struct user_machine *which)
{
	struct machine *machine = which->machine;
	char name[64] = "";
	struct timespec limit;

	if (which->name)
		snprintf(name, sizeof(name), "[%s] ", which->name);
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec++;
	if (pthread_mutex_timedlock(&machine->lock, &limit)) {
		fprintf(stderr, "vmm: %swaiting for whoever reads stdout\n", name);
		return;
	}
	print_status(machine, name);
	pthread_mutex_unlock(&machine->lock);
}

static void on_status(void *ctx)
{
	const struct user *user = ctx;

	fputc('\n', stderr);
	for (unsigned i = 0; i < user->count; i++)
		tell_status(&user->machines[i]);
}

bool user_attach(
	struct user *user, const struct user_machine *machines, unsigned count, struct error *err)
{
	struct stdin_hooks hooks = {on_notify, on_quit, on_status, user};
	struct machine *first = machines[0].machine;

	user->machines = machines;
	user->count = count;
	return stdin_reader_start(
		&user->reader, STDIN_FILENO, &first->input, &first->lock, &hooks, err);
}

void user_detach(struct user *user)
{
	stdin_reader_stop(&user->reader);
}
