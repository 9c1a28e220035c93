/* SPDX-License-Identifier: MIT */
/*
 * rates.c: A. Wald, "Sequential Tests of Statistical Hypotheses" (1945), for a coin.
 */
#include "rates.h"

#include <math.h>

#define CERTAINTY 9.21 /* ln(10000) */
#define TRIES_MAX 2000
/* A part of what is wrong with BAD may fail more rarely than BAD does, and the rate was measured
 * with few tries. */
#define BAD_SHARE 0.7

static double share(const struct tally *tally)
{
	unsigned n = tally->good + tally->bad;

	return n ? (double)tally->bad / n : 0;
}

static double rate_of_bad(const struct rates *rates)
{
	return share(&rates->of_bad) * BAD_SHARE;
}

/* A GOOD that never failed is believed. */
static double rate_of_good(const struct rates *rates)
{
	double rate = share(&rates->of_good);

	return rate > 0 ? rate * 1.3 : 1e-9;
}

bool rates_mixed(const struct rates *rates)
{
	return (rates->of_good.good && rates->of_good.bad) ||
	       (rates->of_bad.good && rates->of_bad.bad);
}

bool rates_differ(const struct rates *rates)
{
	return rate_of_bad(rates) > 0.02 && rate_of_bad(rates) > rate_of_good(rates) * 1.5;
}

unsigned rates_tries_for_good(const struct rates *rates)
{
	if (!rates->wavers)
		return 1;
	return (unsigned)ceil(
		CERTAINTY / (log(1 - rate_of_good(rates)) - log(1 - rate_of_bad(rates))));
}

enum opinion rates_decide(const struct rates *rates, const struct tally *tally)
{
	double p0 = rate_of_good(rates), p1 = rate_of_bad(rates), sum;

	if (tally->skip && !tally->bad && !tally->good)
		return OPINION_SKIP;
	if (!rates->wavers) {
		if (tally->bad)
			return OPINION_BAD;
		return tally->good ? OPINION_GOOD : OPINION_MORE;
	}
	sum = tally->bad * log(p1 / p0) + tally->good * log((1 - p1) / (1 - p0));
	if (sum >= CERTAINTY)
		return OPINION_BAD;
	if (sum <= -CERTAINTY)
		return OPINION_GOOD;
	/* Between the two for so long: it fails more often than GOOD, but not like BAD. */
	if (tally->bad + tally->good >= TRIES_MAX)
		return OPINION_SKIP;
	return OPINION_MORE;
}
