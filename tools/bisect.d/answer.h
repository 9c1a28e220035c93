/* SPDX-License-Identifier: MIT */
/*
 * answer.h: what was found, for a person and for programs.
 */
#ifndef BISECT_ANSWER_H
#define BISECT_ANSWER_H

#include <stdio.h>

#include "change.h"
#include "hunt.h"
#include "options.h"
#include "pair.h"
#include "results.h"

#define ANSWER_CODE_MAX 8 /* functions whose code is shown */

struct answer {
	const struct options *options;
	enum way way; /* that was gone */
	const struct claim *good, *bad;
	const struct proof *proof;
	const struct finding *finding;
	const struct finding *inner; /* in the diff; NULL: there is none */
	const struct space *space;
	const struct results *results;
	struct judge_counts counts;
	bool resumed;
	const char *note; /* what else is to be said, or NULL */
	/* Of a diff, else NULL and empty: what was searched, or what it left. */
	const struct diff *diff;
	struct symbols *symbols;       /* of the diff's base */
	struct symbols *other_symbols; /* of the program that its atoms come from */
	const struct content *smallest;
	const struct content *whole; /* GOOD with all atoms */
	struct changes changes, removal;
	struct pair pairs[ANSWER_CODE_MAX]; /* of changes.code */
	unsigned pair_count;
};

/* Fills in the changes and pairs of a diff's finding. Drop it with answer_free(). */
bool answer_name(struct answer *answer, struct error *err);
void answer_free(struct answer *answer);

void answer_print(const struct answer *answer, FILE *to);

/* One JSON object: docs/bisect.md. */
void answer_print_json(const struct answer *answer, FILE *to);

#endif
