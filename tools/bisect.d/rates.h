/* SPDX-License-Identifier: MIT */
/*
 * rates.h: what can be concluded from tries that do not always end alike: Wald's sequential test
 * between "fails as rarely as GOOD" and "fails nearly as often as BAD".
 */
#ifndef BISECT_RATES_H
#define BISECT_RATES_H

#include <stdbool.h>

#include "vm.h"

/* How tries of one content ended. */
struct tally {
	unsigned good, bad, skip;
};

/* Measured on GOOD and BAD. */
struct rates {
	struct tally of_good, of_bad;
	bool wavers; /* one of them ended in two ways */
};

enum opinion { OPINION_GOOD, OPINION_BAD, OPINION_SKIP, OPINION_MORE };

/* What the tries say, or that more are needed. Wrong in about one of ten thousand cases. */
enum opinion rates_decide(const struct rates *rates, const struct tally *tally);

/* Whether one of the two has ended in two ways. */
bool rates_mixed(const struct rates *rates);

/* False when GOOD and BAD fail about as often: nothing can be told by trying. */
bool rates_differ(const struct rates *rates);

/* Tries in a row without a failure after which the verdict is good. */
unsigned rates_tries_for_good(const struct rates *rates);

#endif
