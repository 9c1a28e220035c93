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
	const struct space *space;
	const struct results *results;
	struct judge_counts counts;
	bool resumed;
	/* Names atoms of spaces that are no diff. */
	const char *(*atom_name)(const struct space *space, unsigned atom);
	/* Of a diff, else NULL and empty. */
	const struct diff *diff;
	const struct content *good_image, *smallest;
	const struct content *whole; /* GOOD with all atoms */
	const struct content *other; /* whose code is shown beside GOOD's: BAD's, or the smallest */
	struct changes changes, removal;
	struct pair pairs[ANSWER_CODE_MAX]; /* of changes.code */
	unsigned pair_count;
};

/* Fills in the changes and pairs of a diff's finding. Drop it with answer_free(). */
bool answer_name(struct answer *answer, struct symbols *symbols, struct error *err);
void answer_free(struct answer *answer);

void answer_print(const struct answer *answer, FILE *to);

/* One JSON object: docs/bisect.md. */
void answer_print_json(const struct answer *answer, FILE *to);

#endif
