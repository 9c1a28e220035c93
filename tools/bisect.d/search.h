/* SPDX-License-Identifier: MIT */
/*
 * search.h: the least that makes it fail. Atoms are numbered from 0; a set of them is judged by a
 * callback; nothing here knows what an atom is.
 */
#ifndef BISECT_SEARCH_H
#define BISECT_SEARCH_H

#include <stdbool.h>

#include "error.h"
#include "vm.h"

/* Atoms in rising order. */
struct set {
	unsigned *at;
	unsigned count;
};

struct search {
	/* Judges n sets; verdicts[i] says whether GOOD with the atoms of sets[i] is bad. False with
	 * err ends the search. */
	bool (*judge)(void *ctx, const struct set *sets, unsigned n, enum verdict *verdicts,
		struct error *err);
	/* Which group an atom belongs to at a level; atoms of one group stand next to each other.
	 * NULL: every atom is its own group. */
	unsigned (*group)(const void *ctx, unsigned level, unsigned atom);
	/* Told how many atoms are still suspected, may be NULL. */
	void (*progress)(void *ctx, unsigned left, unsigned tries_left);
	void *ctx;
	unsigned levels;   /* of groups, coarse ones first; the last level is that of atoms */
	unsigned width;    /* sets that are judged side by side */
	unsigned rounds;   /* removals that made a set smaller that was thought minimal */
	unsigned unjudged; /* atoms, or groups, of the last set whose removal cannot be judged */
};

bool set_create(struct set *set, unsigned room, struct error *err);
/* {0, 1, ... n - 1} */
bool set_full(struct set *set, unsigned n, struct error *err);
void set_free(struct set *set);
bool set_holds(const struct set *set, unsigned atom);

/*
 * Shrinks set, which is bad (and the empty set is not), until it is 1-minimal: it is bad, and
 * without any one of its atoms it is not. Level by level: whole groups first, then what they are
 * made of. With k atoms left of n about k * log2(n) + k sets are judged. What cannot be judged is
 * gone round; atoms that stand between two sets of which one is good and one bad, with nothing to
 * be judged in between, stay in together.
 */
bool search_minimal(struct search *search, struct set *set, struct error *err);

/* The other way round: shrinks set, without which all n atoms are good, until putting back any one
 * of its atoms makes them bad. */
bool search_minimal_removal(struct search *search, unsigned n, struct set *set, struct error *err);

/* A boundary only: the least count for which some prefix of the n atoms is bad while the one before
 * it is not (or cannot be judged, then *skipped tells how many before it could not). */
bool search_boundary(
	struct search *search, unsigned n, unsigned *count, unsigned *skipped, struct error *err);

#endif
