/* SPDX-License-Identifier: MIT */
/*
 * user.h: the person (or pipe) at vmm's stdin while machines run.
 */
#ifndef VMM_USER_H
#define VMM_USER_H

#include "machine.h"
#include "stdin_reader.h"

/* A machine that the user's commands are for. */
struct user_machine {
	struct machine *machine;
	const char *name; /* for the status line, when there are several; else NULL */
};

struct user {
	struct stdin_reader reader;
	const struct user_machine *machines;
	unsigned count;
};

/* Brings stdin to the input of the first machine and lets Ctrl-a x end them all. user and the array
 * are the caller's and live until user_detach(). */
bool user_attach(
	struct user *user, const struct user_machine *machines, unsigned count, struct error *err);

/* Gives stdin back. To be called before anything is printed about the end of the last guest. */
void user_detach(struct user *user);

#endif
