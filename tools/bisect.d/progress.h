/* SPDX-License-Identifier: MIT */
/*
 * progress.h: what the user sees and may stop while tries run: one line on a terminal, nothing in a
 * pipe, and Ctrl-C.
 */
#ifndef BISECT_PROGRESS_H
#define BISECT_PROGRESS_H

#include <stdbool.h>

#include "judge.h"

struct progress {
	const struct judge *judge; /* NULL: nothing is told */
	const char *what;          /* of one atom */
	bool terminal;             /* stderr is one, and it may be written to */
	bool shown;                /* a line stands there */
	bool interrupted;          /* atomic: any thread may ask */
	unsigned left, tries_left; /* suspects; tries in the present interval */
	double last;               /* when the line was written */
};

/* Blocks SIGINT and SIGTERM in this thread and those it starts: progress_look() takes them. */
void progress_init(struct progress *progress, bool quiet);

/* For struct command_stop: true when the user wants an end. A second Ctrl-C ends the process. */
bool progress_is_over(void *progress);

/* For struct judge_setup: false when the user wants an end. */
bool progress_look(void *progress);

/* For struct search. */
void progress_tell(struct progress *progress, unsigned left, unsigned tries_left);

/* Removes the line. */
void progress_clear(struct progress *progress);

#endif
