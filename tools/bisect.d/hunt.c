/* SPDX-License-Identifier: MIT */
/*
 * hunt.c: checks, search, checks again.
 */
#include "hunt.h"

#include <string.h>

#include "status.h"

#define CONFIRM_TRIES  5
#define SLOW_TRIES     3 /* of what takes long */
#define SLOW_SECONDS   0.05
#define REMOVALS_TRIED 16 /* single atoms; of large sets hardly a later one is decisive */
/* Tries for the largest living one, beside some for each that the minimal set took. */
#define PATIENCE_TRIES 30
#define PATIENCE_TIMES 1
#define LONG_PATIENCE  1000 /* where a search has a reason to succeed */
#define LONG_TIMES     20
#define SEARCHES       3 /* a verdict that turns out to waver begins the search anew */

/* A hunt at work. */
struct chase {
	const struct hunt_setup *setup;
	struct set living;        /* the largest set that was good */
	unsigned long long limit; /* of tries; 0: none */
};

static void keep_living(struct chase *chase, const struct set *set)
{
	if (set->count < chase->living.count)
		return;
	memcpy(chase->living.at, set->at, set->count * sizeof(set->at[0]));
	chase->living.count = set->count;
}

static bool judge_for_search(
	void *ctx, const struct set *sets, unsigned n, enum verdict *verdicts, struct error *err)
{
	struct chase *chase = ctx;
	const struct hunt_setup *setup = chase->setup;

	if (chase->limit && judge_counts(setup->judge).tries > chase->limit)
		return error_set(err, STATUS_OK, "enough");
	if (!judge_sets(setup->judge, setup->space, sets, n, verdicts, err))
		return false;
	for (unsigned i = 0; i < n; i++)
		if (verdicts[i] == VERDICT_GOOD)
			keep_living(chase, &sets[i]);
	return true;
}

static unsigned group_for_search(const void *ctx, unsigned level, unsigned atom)
{
	const struct chase *chase = ctx;
	const struct hunt_setup *setup = chase->setup;

	return setup->space->group(setup->space, level, atom);
}

static void tell(void *ctx, unsigned left, unsigned tries_left)
{
	const struct chase *chase = ctx;

	progress_tell(chase->setup->progress, left, tries_left);
}

static struct search make_search(struct chase *chase)
{
	const struct hunt_setup *setup = chase->setup;

	return (struct search){.judge = judge_for_search,
		.group = setup->space->group ? group_for_search : NULL,
		.progress = tell,
		.ctx = chase,
		.levels = setup->space->levels ? setup->space->levels : 1,
		.width = setup->jobs};
}

bool hunt_compose(const struct space *space, const struct set *set, bool complement,
	struct content *content, struct error *err)
{
	struct set other = {0};
	bool ok;

	if (!complement)
		return space->compose(space, set, content, err);
	if (!set_create(&other, space->atoms, err))
		return false;
	for (unsigned i = 0; i < space->atoms; i++)
		if (!set_holds(set, i))
			other.at[other.count++] = i;
	ok = space->compose(space, &other, content, err);
	set_free(&other);
	return ok;
}

/* The ends of the search: nothing exchanged lives, all exchanged dies. */
static bool check_ends(const struct hunt_setup *setup, const struct set *all, struct error *err)
{
	const struct set none = {all->at, 0};
	const struct set ends[2] = {none, *all};
	enum verdict verdicts[2];

	if (!judge_sets(setup->judge, setup->space, ends, 2, verdicts, err))
		return false;
	if (verdicts[0] != VERDICT_GOOD)
		return error_set(err, STATUS_ELSEWHERE,
			"%s is good, but %s it is %s: it cannot be searched this way",
			setup->good->name, "put together anew with nothing exchanged",
			verdicts[0] == VERDICT_BAD ? "bad" : "not to be judged");
	if (verdicts[1] != VERDICT_BAD)
		return error_set(err, STATUS_ELSEWHERE,
			"%s is %s with all %u %ss of %s: what matters is in something that this "
			"way "
			"does not exchange",
			setup->good->name,
			verdicts[1] == VERDICT_GOOD ? "good" : "not to be judged", all->count,
			setup->space->what, setup->bad->name);
	return true;
}

/* BAD without one atom. */
static bool try_without(struct chase *chase, const struct set *all, unsigned atom,
	enum verdict *verdict, struct error *err)
{
	struct set rest = {0};
	bool ok;

	if (!set_create(&rest, all->count, err))
		return false;
	for (unsigned i = 0; i < all->count; i++)
		if (all->at[i] != atom)
			rest.at[rest.count++] = all->at[i];
	ok = judge_for_search(chase, &rest, 1, verdict, err);
	set_free(&rest);
	return ok;
}

/* What is not in the largest set that was seen to live. */
static void take_living(const struct chase *chase, const struct set *all, struct set *removal)
{
	removal->count = 0;
	for (unsigned i = 0; i < all->count; i++)
		if (!set_holds(&chase->living, all->at[i]))
			removal->at[removal->count++] = all->at[i];
}

/* Not for much longer than the minimal set took where two programs that are laid out differently
 * die of nearly every mixture, and not for ever where they are flat and may be just that. */
static unsigned long long patience(const struct hunt_setup *setup)
{
	unsigned long long tries = judge_counts(setup->judge).tries;

	if (setup->space->fragile)
		return tries * (1 + PATIENCE_TIMES) + PATIENCE_TRIES;
	return tries * (1 + LONG_TIMES) + LONG_PATIENCE;
}

/* One of the minimal atoms alone may be what BAD lives without; else all of them are searched. */
static bool find_removal(
	struct chase *chase, const struct set *all, struct finding *finding, struct error *err)
{
	struct search search = make_search(chase);
	enum verdict verdict = VERDICT_BAD;

	for (unsigned i = 0; i < finding->minimal.count && i < REMOVALS_TRIED; i++) {
		if (!try_without(chase, all, finding->minimal.at[i], &verdict, err))
			return false;
		if (verdict != VERDICT_GOOD)
			continue;
		finding->removal.at[0] = finding->minimal.at[i];
		finding->removal.count = 1;
		return true;
	}
	memcpy(finding->removal.at, all->at, all->count * sizeof(all->at[0]));
	finding->removal.count = all->count;
	chase->limit = patience(chase->setup);
	if (search_minimal_removal(&search, all->count, &finding->removal, err))
		return true;
	if (err->status != STATUS_OK)
		return false;
	finding->gave_up = true;
	take_living(chase, all, &finding->removal);
	return true;
}

static bool find_prefix(
	struct chase *chase, const struct set *all, struct finding *finding, struct error *err)
{
	struct search search = make_search(chase);
	unsigned count;

	if (!search_boundary(&search, all->count, &count, &finding->boundary_skips, err))
		return false;
	for (unsigned i = 0; i < count; i++)
		finding->minimal.at[i] = i;
	finding->minimal.count = count;
	/* The largest living one is the prefix just before. */
	for (unsigned i = count - 1 - finding->boundary_skips; i < all->count; i++)
		finding->removal.at[finding->removal.count++] = i;
	finding->has_removal = true;
	return true;
}

static bool find_in(
	struct chase *chase, const struct set *all, struct finding *finding, struct error *err)
{
	const struct hunt_setup *setup = chase->setup;
	struct search search = make_search(chase);

	judge_use_salt(setup->judge, setup->salt);
	finding->minimal.count = finding->removal.count = 0;
	finding->has_removal = finding->gave_up = false;
	if (!check_ends(setup, all, err))
		return false;
	if (setup->prefix)
		return find_prefix(chase, all, finding, err);
	for (unsigned i = 0; i < all->count; i++)
		finding->minimal.at[i] = i;
	finding->minimal.count = all->count;
	if (!search_minimal(&search, &finding->minimal, err))
		return false;
	finding->retries = search.rounds;
	finding->unjudged = search.unjudged;
	finding->has_removal = true;
	return find_removal(chase, all, finding, err);
}

static bool find(const struct hunt_setup *setup, const struct set *all, struct finding *finding,
	struct error *err)
{
	struct chase chase = {.setup = setup};
	bool ok = set_create(&chase.living, all->count, err) && find_in(&chase, all, finding, err);

	set_free(&chase.living);
	return ok;
}

/* Tries the answer once more: a verdict that only seemed firm shows here. */
static bool confirm(
	const struct hunt_setup *setup, struct finding *finding, bool *firm, struct error *err)
{
	struct content content = {0};
	unsigned n = setup->proof->good.seconds > SLOW_SECONDS ? SLOW_TRIES : CONFIRM_TRIES;
	bool ok;

	if (setup->proof->rates.wavers)
		n = rates_tries_for_good(&setup->proof->rates);
	if (!hunt_compose(setup->space, &finding->minimal, false, &content, err))
		return false;
	finding->again = (struct tally){0};
	ok = judge_repeat(setup->judge, &content, n, &finding->again, &finding->trial, err);
	content_free(&content);
	*firm = finding->again.bad > 0 && (setup->proof->rates.wavers || !finding->again.good);
	return ok;
}

static bool search_until_firm(const struct hunt_setup *setup, const struct set *all,
	struct finding *finding, struct error *err)
{
	for (unsigned i = 0; i < SEARCHES; i++) {
		bool firm = false;
		bool ok = find(setup, all, finding, err) && confirm(setup, finding, &firm, err);
		struct error why = {0};

		if (ok && firm)
			return true;
		if (!ok && (err->status != STATUS_ELSEWHERE || setup->proof->rates.wavers))
			return false;
		if (!ok)
			why = *err;
		judge_forget(setup->judge);
		if (!prove_wavering(setup->judge, setup->good, setup->bad, setup->proof, err))
			return false;
		/* Both ends are what they seemed to be: the first answer stands. */
		if (!ok && !rates_mixed(&setup->proof->rates)) {
			*err = why;
			return false;
		}
	}
	return error_set(err, STATUS_WAVERS,
		"the verdict wavers too much: what was found failed in %u of %u tries only",
		finding->again.bad, finding->again.bad + finding->again.good);
}

bool hunt(const struct hunt_setup *setup, struct finding *finding, struct error *err)
{
	unsigned n = setup->space->atoms;
	struct set all = {0};
	bool ok;

	*finding = (struct finding){0};
	ok = set_full(&all, n, err) && set_create(&finding->minimal, n, err) &&
	     set_create(&finding->removal, n, err) && search_until_firm(setup, &all, finding, err);
	set_free(&all);
	if (!ok)
		finding_free(finding);
	return ok;
}

void finding_free(struct finding *finding)
{
	set_free(&finding->minimal);
	set_free(&finding->removal);
}
