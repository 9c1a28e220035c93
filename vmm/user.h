/* SPDX-License-Identifier: MIT */
/*
 * user.h: the person (or pipe) at vmm's stdin while a machine runs.
 */
#ifndef VMM_USER_H
#define VMM_USER_H

#include "machine.h"
#include "stdin_reader.h"

/* Brings stdin to the machine's input and lets Ctrl-a x end it. reader is the caller's and lives
 * until user_detach(). */
bool user_attach(struct stdin_reader *reader, struct machine *machine, struct error *err);

/* Gives stdin back. To be called before anything is printed about the guest's end. */
void user_detach(struct stdin_reader *reader);

#endif
