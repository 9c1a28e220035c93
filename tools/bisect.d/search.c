/* SPDX-License-Identifier: MIT */
/*
 * search.c: delta debugging by boundaries. A prefix of the suspects, beside what is known to be
 * needed, is bad; the shortest such prefix (found by cutting the interval, width points at a time)
 * ends in something needed. It is set aside and the search goes on before it. No monotony is
 * assumed: both ends of an interval were judged, so its boundary is a true one; and at the end each
 * single removal is tried.
 */
#include "search.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH_MAX 64

/* Neighbours that stay or go together. */
struct unit {
	unsigned first, count; /* in the set's atoms */
};

struct hunt {
	struct search *search;
	const struct set *set; /* what is to be shrunk */
	struct unit *units;    /* of it */
	unsigned suspects;     /* units [0, suspects) are not decided */
	bool *needed;          /* by unit */
	unsigned unit_count;
	bool dense; /* the last two boundaries were neighbours */
};

bool set_create(struct set *set, unsigned room, struct error *err)
{
	*set = (struct set){.at = malloc((room ? room : 1) * sizeof(set->at[0]))};
	return set->at || error_errno(err, STATUS_HOST, "memory for a set");
}

bool set_full(struct set *set, unsigned n, struct error *err)
{
	if (!set_create(set, n, err))
		return false;
	for (unsigned i = 0; i < n; i++)
		set->at[i] = i;
	set->count = n;
	return true;
}

void set_free(struct set *set)
{
	free(set->at);
	*set = (struct set){0};
}

bool set_holds(const struct set *set, unsigned atom)
{
	unsigned low = 0, high = set->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (set->at[middle] == atom)
			return true;
		if (set->at[middle] < atom)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* The needed units, and the suspects before `prefix`. but: a unit to leave out, or unit_count. */
static void gather(const struct hunt *hunt, unsigned prefix, unsigned but, struct set *out)
{
	out->count = 0;
	for (unsigned i = 0; i < hunt->unit_count; i++) {
		const struct unit *unit = &hunt->units[i];

		if (i == but || (i >= prefix && !hunt->needed[i]))
			continue;
		memcpy(out->at + out->count, hunt->set->at + unit->first,
			unit->count * sizeof(out->at[0]));
		out->count += unit->count;
	}
}

static unsigned width_of(const struct search *search)
{
	if (!search->width)
		return 1;
	return search->width < WIDTH_MAX ? search->width : WIDTH_MAX;
}

static bool make_sets(struct set *sets, unsigned n, unsigned room, struct error *err)
{
	for (unsigned i = 0; i < n; i++)
		if (!set_create(&sets[i], room, err)) {
			while (i-- > 0)
				set_free(&sets[i]);
			return false;
		}
	return true;
}

static void drop_sets(struct set *sets, unsigned n)
{
	while (n-- > 0)
		set_free(&sets[n]);
}

/* Judges the prefixes at the given points. */
static bool judge_points(const struct hunt *hunt, const unsigned *points, unsigned n,
	enum verdict *verdicts, struct error *err)
{
	const struct search *search = hunt->search;
	struct set sets[WIDTH_MAX];
	bool ok;

	if (!make_sets(sets, n, hunt->set->count, err))
		return false;
	for (unsigned i = 0; i < n; i++)
		gather(hunt, points[i], hunt->unit_count, &sets[i]);
	ok = search->judge(search->ctx, sets, n, verdicts, err);
	drop_sets(sets, n);
	return ok;
}

/* Interval of prefixes: low is good, high is bad; what is marked cannot be judged. */
struct interval {
	unsigned low, high;
	bool *skip; /* by prefix */
};

/* Up to n points strictly inside, evenly spread, none that is known to be skipped. */
static unsigned choose_points(
	const struct interval *interval, bool dense, unsigned n, unsigned *points)
{
	unsigned span = interval->high - interval->low, used = 0;

	for (unsigned i = 1; i <= n; i++) {
		unsigned long long step = (unsigned long long)span * i / (n + 1);
		unsigned wanted =
			dense ? interval->high - (n + 1 - i) : interval->low + (unsigned)step;

		if (wanted <= interval->low || wanted >= interval->high || interval->skip[wanted] ||
			(used && points[used - 1] >= wanted))
			continue;
		points[used++] = wanted;
	}
	/* All the wanted ones were skipped before: any other one. */
	for (unsigned at = interval->low + 1; !used && at < interval->high; at++)
		if (!interval->skip[at])
			points[used++] = at;
	return used;
}

/* Of the judged points, those that bound the smallest interval found from below. */
static void narrow(
	struct interval *interval, const unsigned *points, unsigned n, const enum verdict *verdicts)
{
	for (unsigned i = 0; i < n; i++) {
		if (verdicts[i] == VERDICT_SKIP) {
			interval->skip[points[i]] = true;
		} else if (verdicts[i] == VERDICT_BAD) {
			interval->high = points[i];
			return;
		} else {
			interval->low = points[i];
		}
	}
}

static unsigned log2_up(unsigned n)
{
	unsigned bits = 0;

	while (n > 1u << bits && bits < 31)
		bits++;
	return bits;
}

static void tell(const struct hunt *hunt, const struct interval *interval)
{
	const struct search *search = hunt->search;
	unsigned left = 0;

	if (!search->progress)
		return;
	for (unsigned i = 0; i < hunt->unit_count; i++)
		if (hunt->needed[i] || i < interval->high)
			left += hunt->units[i].count;
	search->progress(search->ctx, left, log2_up(interval->high - interval->low));
}

static bool close_interval(struct hunt *hunt, struct interval *interval, struct error *err)
{
	unsigned points[WIDTH_MAX], width = width_of(hunt->search), n;
	enum verdict verdicts[WIDTH_MAX];
	bool dense = hunt->dense;

	while ((n = choose_points(interval, dense, width, points)) > 0) {
		tell(hunt, interval);
		if (!judge_points(hunt, points, n, verdicts, err))
			return false;
		narrow(interval, points, n, verdicts);
		dense = false;
	}
	return true;
}

/* Finds the next needed unit among the suspects, which are bad together with the needed ones. */
static bool next_needed(struct hunt *hunt, struct error *err)
{
	struct interval interval = {.low = 0, .high = hunt->suspects};
	bool ok;

	interval.skip = calloc(hunt->suspects + 1, 1);
	if (!interval.skip)
		return error_errno(err, STATUS_HOST, "memory for a search");
	ok = close_interval(hunt, &interval, err);
	if (ok) {
		for (unsigned i = interval.low; i < interval.high; i++)
			hunt->needed[i] = true;
		hunt->dense = interval.high == hunt->suspects && interval.low;
		hunt->suspects = interval.low;
	}
	free(interval.skip);
	return ok;
}

/* Sets needed units aside until they are bad by themselves. */
static bool find_needed(struct hunt *hunt, struct error *err)
{
	hunt->suspects = hunt->unit_count;
	hunt->dense = false;
	while (hunt->suspects) {
		const unsigned nothing = 0;
		enum verdict verdict;

		if (!next_needed(hunt, err))
			return false;
		if (!hunt->suspects)
			return true;
		if (!judge_points(hunt, &nothing, 1, &verdict, err))
			return false;
		if (verdict == VERDICT_BAD)
			hunt->suspects = 0;
	}
	return true;
}

/* One batch of single removals from unit `from` on. *gone: a unit that is not needed after all, or
 * unit_count; *next: where to go on. */
static bool try_removals(
	struct hunt *hunt, unsigned from, unsigned *gone, unsigned *next, struct error *err)
{
	const struct search *search = hunt->search;
	unsigned units[WIDTH_MAX], n = 0, at = from;
	enum verdict verdicts[WIDTH_MAX];
	struct set sets[WIDTH_MAX];
	bool ok;

	*gone = hunt->unit_count;
	for (; at < hunt->unit_count && n < width_of(search); at++)
		if (hunt->needed[at])
			units[n++] = at;
	*next = at;
	if (!n)
		return true;
	if (!make_sets(sets, n, hunt->set->count, err))
		return false;
	for (unsigned i = 0; i < n; i++)
		gather(hunt, 0, units[i], &sets[i]);
	ok = search->judge(search->ctx, sets, n, verdicts, err);
	for (unsigned i = 0; ok && i < n && *gone == hunt->unit_count; i++)
		if (verdicts[i] == VERDICT_BAD)
			*gone = units[i];
		else if (verdicts[i] == VERDICT_SKIP)
			hunt->search->unjudged++;
	drop_sets(sets, n);
	return ok;
}

/* The empty set is good, so what is one unit long needs no test. */
static bool check_removals(struct hunt *hunt, struct error *err)
{
	unsigned from = 0, kept = 0, gone, next;

	for (unsigned i = 0; i < hunt->unit_count; i++)
		kept += hunt->needed[i];
	hunt->search->unjudged = 0;
	while (kept > 1 && from < hunt->unit_count) {
		if (!try_removals(hunt, from, &gone, &next, err))
			return false;
		from = next;
		if (gone == hunt->unit_count)
			continue;
		hunt->needed[gone] = false;
		hunt->search->rounds++;
		hunt->search->unjudged = 0;
		kept--;
		from = 0;
	}
	return true;
}

/* Cuts the set into units of one group each. */
static void make_units(struct hunt *hunt, unsigned level)
{
	const struct search *search = hunt->search;
	const struct set *set = hunt->set;
	unsigned last = 0;

	hunt->unit_count = 0;
	for (unsigned i = 0; i < set->count; i++) {
		unsigned group = i;

		if (level + 1 < search->levels && search->group)
			group = search->group(search->ctx, level, set->at[i]);
		if (!i || group != last)
			hunt->units[hunt->unit_count++] = (struct unit){i, 0};
		hunt->units[hunt->unit_count - 1].count++;
		last = group;
	}
}

static bool shrink_at_level(
	struct search *search, struct set *set, unsigned level, struct error *err)
{
	struct hunt hunt = {.search = search, .set = set};
	struct set kept = {0};
	bool ok;

	hunt.units = calloc(set->count + 1, sizeof(hunt.units[0]));
	hunt.needed = calloc(set->count + 1, sizeof(hunt.needed[0]));
	ok = hunt.units && hunt.needed && set_create(&kept, set->count, err);
	if (!hunt.units || !hunt.needed)
		error_errno(err, STATUS_HOST, "memory for a search");
	if (ok) {
		make_units(&hunt, level);
		ok = find_needed(&hunt, err) && check_removals(&hunt, err);
	}
	if (ok) {
		gather(&hunt, 0, hunt.unit_count, &kept);
		memcpy(set->at, kept.at, kept.count * sizeof(set->at[0]));
		set->count = kept.count;
	}
	set_free(&kept);
	free(hunt.units);
	free(hunt.needed);
	return ok;
}

bool search_minimal(struct search *search, struct set *set, struct error *err)
{
	for (unsigned level = 0; level < (search->levels ? search->levels : 1); level++)
		if (!shrink_at_level(search, set, level, err))
			return false;
	return true;
}

/* The judge of the complement. */
struct mirror {
	struct search *search;
	unsigned n;
};

static void complement(const struct set *set, unsigned n, struct set *out)
{
	unsigned at = 0;

	out->count = 0;
	for (unsigned i = 0; i < n; i++) {
		if (at < set->count && set->at[at] == i)
			at++;
		else
			out->at[out->count++] = i;
	}
}

static bool judge_mirrored(
	void *ctx, const struct set *sets, unsigned n, enum verdict *verdicts, struct error *err)
{
	const struct mirror *mirror = ctx;
	struct set others[WIDTH_MAX];
	bool ok;

	if (!make_sets(others, n, mirror->n, err))
		return false;
	for (unsigned i = 0; i < n; i++)
		complement(&sets[i], mirror->n, &others[i]);
	ok = mirror->search->judge(mirror->search->ctx, others, n, verdicts, err);
	drop_sets(others, n);
	for (unsigned i = 0; ok && i < n; i++)
		if (verdicts[i] != VERDICT_SKIP)
			verdicts[i] = verdicts[i] == VERDICT_BAD ? VERDICT_GOOD : VERDICT_BAD;
	return ok;
}

static unsigned group_mirrored(const void *ctx, unsigned level, unsigned atom)
{
	const struct mirror *mirror = ctx;

	return mirror->search->group(mirror->search->ctx, level, atom);
}

bool search_minimal_removal(struct search *search, unsigned n, struct set *set, struct error *err)
{
	struct mirror mirror = {.search = search, .n = n};
	struct search other = *search;

	other.judge = judge_mirrored;
	other.group = search->group ? group_mirrored : NULL;
	other.progress = NULL;
	other.ctx = &mirror;
	return search_minimal(&other, set, err);
}

bool search_boundary(
	struct search *search, unsigned n, unsigned *count, unsigned *skipped, struct error *err)
{
	struct set all = {0};
	struct hunt hunt = {.search = search, .set = &all, .unit_count = n};
	struct interval interval = {.low = 0, .high = n};
	bool ok;

	hunt.units = calloc(n + 1, sizeof(hunt.units[0]));
	hunt.needed = calloc(n + 1, sizeof(hunt.needed[0]));
	interval.skip = calloc(n + 1, 1);
	ok = hunt.units && hunt.needed && interval.skip && set_full(&all, n, err);
	if (!hunt.units || !hunt.needed || !interval.skip)
		error_errno(err, STATUS_HOST, "memory for a search");
	for (unsigned i = 0; ok && i < n; i++)
		hunt.units[i] = (struct unit){i, 1};
	ok = ok && close_interval(&hunt, &interval, err);
	*count = interval.high;
	*skipped = interval.high - interval.low - 1;
	set_free(&all);
	free(interval.skip);
	free(hunt.units);
	free(hunt.needed);
	return ok;
}
