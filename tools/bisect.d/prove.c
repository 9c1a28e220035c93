/* SPDX-License-Identifier: MIT */
/*
 * prove.c: trying GOOD and BAD themselves.
 */
#include "prove.h"

#include "status.h"

#define PROOF_TRIES   5
#define SLOW_SECONDS  0.05 /* a try that takes longer is made fewer times */
#define SLOW_TRIES    3
#define STUBBORN      20 /* tries before BAD is said to live */
#define MEASURE_TRIES 40
#define TIMEOUT_FIRST 10.0 /* seconds, before it is known what GOOD takes */
#define TIMEOUT_LEAST 1.0
#define TIMEOUT_TIMES 10 /* as long as GOOD */

static unsigned tries_of(const struct tally *tally)
{
	return tally->good + tally->bad + tally->skip;
}

/* The first try tells how dear the others are. */
static bool try_some(struct judge *judge, const struct claim *claim, struct tally *tally,
	struct trial *trial, struct error *err)
{
	unsigned more;

	if (!judge_repeat(judge, claim->content, 1, tally, trial, err))
		return false;
	more = trial->seconds > SLOW_SECONDS ? SLOW_TRIES - 1 : PROOF_TRIES - 1;
	return judge_repeat(judge, claim->content, more, tally, trial, err);
}

static bool refuse(const struct claim *claim, const struct tally *tally, const struct trial *trial,
	struct error *err)
{
	if (trial->verdict == VERDICT_SKIP && trial->status == STATUS_IMAGE)
		return error_set(err, STATUS_IMAGE, "%s", trial->why);
	return error_set(err, STATUS_UNJUDGED, "%s cannot be judged: %s (%u of %u tries)",
		claim->name, trial->why, tally->skip, tries_of(tally));
}

static bool prove_good(struct judge *judge, const struct claim *claim, bool by_test,
	struct proof *proof, struct error *err)
{
	struct tally *tally = &proof->rates.of_good;

	if (!try_some(judge, claim, tally, &proof->good, err))
		return false;
	if (tally->good)
		return true;
	if (tally->skip)
		return refuse(claim, tally, &proof->good, err);
	return error_set(err, STATUS_GOOD_DIES,
		"%s is to be good, but it is bad: %s (%u of %u tries)%s", claim->name,
		proof->good.why, tally->bad, tries_of(tally),
		proof->good.death != DEATH_TIMEOUT ? ""
		: by_test ? "; if the test takes longer, say so with --timeout"
			  : "; if it is not meant to end, say with --expect what a living one "
			    "prints");
}

static bool prove_bad(
	struct judge *judge, const struct claim *claim, struct proof *proof, struct error *err)
{
	struct tally *tally = &proof->rates.of_bad;

	if (!try_some(judge, claim, tally, &proof->bad, err))
		return false;
	if (!tally->bad && tally->good &&
		!judge_repeat(
			judge, claim->content, STUBBORN - tries_of(tally), tally, &proof->bad, err))
		return false;
	if (tally->bad)
		return true;
	if (tally->skip)
		return refuse(claim, tally, &proof->bad, err);
	return error_set(err, STATUS_BAD_LIVES,
		"%s is to be bad, but it is good: %s (%u of %u tries)", claim->name, proof->bad.why,
		tally->good, tries_of(tally));
}

/* Until GOOD's time is known there is a limit too, or a GOOD that hangs would never be refused. */
static double timeout_of(const struct proof *proof)
{
	double seconds = proof->good.seconds * TIMEOUT_TIMES;

	return seconds > TIMEOUT_LEAST ? seconds : TIMEOUT_LEAST;
}

bool prove_wavering(struct judge *judge, const struct claim *good, const struct claim *bad,
	struct proof *proof, struct error *err)
{
	struct rates *rates = &proof->rates;

	if (!judge_repeat(
		    judge, good->content, MEASURE_TRIES, &rates->of_good, &proof->good, err) ||
		!judge_repeat(judge, bad->content, MEASURE_TRIES, &rates->of_bad, &proof->bad, err))
		return false;
	rates->wavers = true;
	if (!rates_differ(rates))
		return error_set(err, STATUS_WAVERS,
			"the verdict wavers too much: %s is bad in %u of %u tries, %s in %u of %u",
			good->name, rates->of_good.bad, tries_of(&rates->of_good), bad->name,
			rates->of_bad.bad, tries_of(&rates->of_bad));
	judge_set_rates(judge, rates);
	return true;
}

bool prove(struct judge *judge, const struct claim *good, const struct claim *bad, double timeout,
	bool by_test, struct proof *proof, struct error *err)
{
	*proof = (struct proof){.timeout = timeout};
	judge_set_timeout(judge, timeout > 0 || by_test ? timeout : TIMEOUT_FIRST);
	if (!prove_good(judge, good, by_test, proof, err))
		return false;
	if (timeout <= 0 && !by_test) {
		proof->timeout = timeout_of(proof);
		judge_set_timeout(judge, proof->timeout);
	}
	if (!prove_bad(judge, bad, proof, err))
		return false;
	judge_set_rates(judge, &proof->rates);
	if (rates_mixed(&proof->rates))
		return prove_wavering(judge, good, bad, proof, err);
	return true;
}
