/* SPDX-License-Identifier: MIT */
/*
 * command.h: commands that the user gives as a line for the shell, with places to be filled in.
 */
#ifndef BISECT_COMMAND_H
#define BISECT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

#define COMMAND_OUTPUT 512

/* What stands for a word such as "{}" or "@flags@". */
struct command_place {
	const char *word;
	const char
		*text; /* goes there as it is: command_quote() it where the shell must not look */
};

/* Whether somebody wants an end; called from the thread that waits for a command. */
struct command_stop {
	bool (*asked)(void *ctx);
	void *ctx;
};

struct command_result {
	int status; /* exit status; 128 + N for signal N */
	bool timeout;
	char last_line[COMMAND_OUTPUT]; /* of what it wrote to stdout and stderr; may be "" */
};

/* The text in single quotes for the shell; NULL when memory is short. The caller frees it. */
char *command_quote(const char *text);

/* True when the command has the word. */
bool command_has(const char *command, const char *word);

/*
 * Runs the command by /bin/sh with all places filled in. seconds: 0 for no limit; what runs longer
 * is killed with its children, as what runs when stop (may be NULL) says so. False with err
 * (STATUS_COMMAND) when it cannot be run: the shell's 126 and 127; STATUS_INTERRUPTED after stop.
 */
bool command_run(const char *command, const struct command_place *places, unsigned place_count,
	double seconds, const struct command_stop *stop, struct command_result *result,
	struct error *err);

#endif
