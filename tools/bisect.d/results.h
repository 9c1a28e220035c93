/* SPDX-License-Identifier: MIT */
/*
 * results.h: what is left in the folder: the two images, the autopsy of the failing one, a script
 * that shows both.
 */
#ifndef BISECT_RESULTS_H
#define BISECT_RESULTS_H

#include "command.h"
#include "content.h"
#include "options.h"

/* Files that are not to stay are named so. */
#define RESULTS_TEMPORARY "bisect-tmp-"

struct results {
	char *absolute; /* the folder, for commands that may change theirs; owned */
	char *folder, *smallest, *largest, *show, *text, *json; /* paths; owned */
	bool is_kept, has_largest, has_autopsy;
	int lock; /* the folder, when is_locked: one run at a time works there */
	bool is_locked;
};

/*
 * Chooses the folder; where it is there already, takes it for this run and removes what an earlier
 * one has left, but for the verdicts. STATUS_OUTPUT when it cannot be had, STATUS_USAGE when an
 * input of this run lies where a result would go. results_free() in any case.
 */
bool results_begin(struct results *results, const struct options *options, struct error *err);

/* Names the files and creates the folder. STATUS_OUTPUT. */
bool results_open(struct results *results, bool elf, struct error *err);
void results_free(struct results *results);

/*
 * Writes everything; is_kept tells. largest may be NULL. symbols: a file for --symbols, or NULL.
 * timeout: of a try. Without --test the smallest failing image is explained by the vmm beside this
 * program; where that says nothing, or stop ends it, has_autopsy stays false.
 */
bool results_write(struct results *results, const struct options *options,
	const struct content *smallest, const struct content *largest, const char *symbols,
	double timeout, const struct command_stop *stop, struct error *err);

#endif
