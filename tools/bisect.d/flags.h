/* SPDX-License-Identifier: MIT */
/*
 * flags.h: the space of two lists of compiler flags.
 */
#ifndef BISECT_FLAGS_H
#define BISECT_FLAGS_H

#include "build.h"
#include "space.h"

/* One word of the two lists put together. */
struct flag {
	char *text;
	bool in_good, in_bad;
	unsigned atom; /* when it is in one of them only */
};

struct flags {
	struct build build;
	struct flag *at; /* in an order that keeps that of both lists */
	unsigned count;
	unsigned *of_atom;
	char **names; /* of atoms: "+ -O2" */
	struct space space;
};

/* good and bad: words, or @FILE with words. STATUS_IDENTICAL when they are the same. */
bool flags_init(struct flags *flags, const struct build *build, const char *good, const char *bad,
	struct error *err);
void flags_deinit(struct flags *flags);

#endif
