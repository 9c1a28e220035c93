/* SPDX-License-Identifier: MIT */
/*
 * prove.h: before anything is searched for: GOOD is good and BAD is bad, and how reliably.
 */
#ifndef BISECT_PROVE_H
#define BISECT_PROVE_H

#include "judge.h"

struct proof {
	struct rates rates;
	struct trial good, bad; /* how they end, mostly */
	double timeout;         /* of a try, in seconds; 0: none */
};

struct claim {
	const char *name; /* of the image, for messages */
	const struct content *content;
};

/*
 * Tries both several times, more often when their ends differ, and tells the judge what it needs to
 * know. STATUS_GOOD_DIES, STATUS_BAD_LIVES, STATUS_UNJUDGED, STATUS_WAVERS, or STATUS_IMAGE when
 * vmm refuses one. timeout: 0 for one that comes of what GOOD takes (with --test: none).
 */
bool prove(struct judge *judge, const struct claim *good, const struct claim *bad, double timeout,
	bool by_test, struct proof *proof, struct error *err);

/* Tries both often enough to know their rates, after a verdict that seemed firm was not. */
bool prove_wavering(struct judge *judge, const struct claim *good, const struct claim *bad,
	struct proof *proof, struct error *err);

#endif
