/* SPDX-License-Identifier: MIT */
/*
 * session_parts.h: what the files of a session share.
 */
#ifndef BISECT_SESSION_PARTS_H
#define BISECT_SESSION_PARTS_H

#include "diff.h"
#include "flags.h"
#include "hunt.h"
#include "objects.h"
#include "options.h"
#include "results.h"

struct symbols;

struct session {
	const struct options *options;
	enum way way;
	struct content good_image, bad_image;
	struct claim good, bad;
	struct progress progress;
	struct results results;
	struct judge *judge;
	bool resumed;
	struct proof proof;
	char *symbols_path;            /* or NULL */
	struct symbols *symbols;       /* of the diff's base */
	struct symbols *other_symbols; /* of the other program */
	struct build build;
	struct objects objects;
	struct flags flags;
	const struct space *space; /* that is searched first: of objects, flags, or diff */
	struct diff diff;          /* also of what the first search has left */
	bool has_diff;
	char note[512]; /* for the answer */
};

/* Makes the two images, or reads them, and the space between them; opens the results. */
bool session_open_inputs(struct session *session, struct error *err);

/* A diff by symbols of two images that are files, named by the claims; true when it can be
 * searched. */
bool session_diff_symbols(struct session *session, const struct claim *good,
	const struct claim *bad, struct error *err);

bool session_start_judge(struct session *session, struct error *err);

/* What the judge knows from an earlier run about the same images. */
bool session_keep_verdicts(struct session *session, struct error *err);

/* Keeps and prints what was found; inner: in the diff, when that was not what was searched first,
 * or NULL. */
bool session_conclude(struct session *session, const struct finding *finding,
	const struct finding *inner, struct error *err);

/* --by layout, as a whole. */
bool session_layout(struct session *session, struct error *err);

#endif
