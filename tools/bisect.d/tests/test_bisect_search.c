/* SPDX-License-Identifier: MIT */
/*
 * test_bisect_search.c: random plants for the search, judged by the test itself; what comes out is
 * compared with what was planted, and every single removal is tried.
 */
#include "search.h"

#include <string.h>

#include "rates.h"
#include "suite.h"

#define ATOMS  300
#define CAUSES 3
#define PARTS  5

/* Bad when all parts of one cause are in, unless the veto is in. */
struct plant {
	unsigned atoms;
	unsigned causes, parts[CAUSES];
	unsigned cause[CAUSES][PARTS];
	bool has_veto;
	unsigned veto;
	bool fragile;      /* some sets cannot be judged */
	unsigned group_of; /* atoms a group at level 0 */
	unsigned asked;
	unsigned seed;
};

static unsigned random_below(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % n;
}

static bool plant_is_bad(const struct plant *plant, const struct set *set)
{
	if (plant->has_veto && set_holds(set, plant->veto) && set->count < plant->atoms)
		return false;
	for (unsigned i = 0; i < plant->causes; i++) {
		unsigned in = 0;

		for (unsigned j = 0; j < plant->parts[i]; j++)
			in += set_holds(set, plant->cause[i][j]);
		if (in == plant->parts[i])
			return true;
	}
	return false;
}

/* One set in five, chosen by its content; never the ends. */
static bool cannot_judge(const struct plant *plant, const struct set *set)
{
	unsigned sum = 17;

	for (unsigned i = 0; i < set->count; i++)
		sum = sum * 31 + set->at[i];
	return plant->fragile && set->count && set->count < plant->atoms && sum % 5 == 0;
}

static bool judge(
	void *ctx, const struct set *sets, unsigned n, enum verdict *verdicts, struct error *err)
{
	struct plant *plant = ctx;

	for (unsigned i = 0; i < n; i++) {
		plant->asked++;
		verdicts[i] = cannot_judge(plant, &sets[i])   ? VERDICT_SKIP
		              : plant_is_bad(plant, &sets[i]) ? VERDICT_BAD
		                                              : VERDICT_GOOD;
	}
	return true;
}

static unsigned group(const void *ctx, unsigned level, unsigned atom)
{
	const struct plant *plant = ctx;

	return atom / plant->group_of;
}

static struct plant make_plant(unsigned seed)
{
	struct plant plant = {.atoms = 1 + random_below(&seed, ATOMS), .seed = seed};

	plant.causes = 1 + random_below(&seed, CAUSES);
	plant.group_of = 1 + random_below(&seed, 20);
	for (unsigned i = 0; i < plant.causes; i++) {
		plant.parts[i] = 1 + random_below(&seed, PARTS);
		for (unsigned j = 0; j < plant.parts[i]; j++)
			plant.cause[i][j] = random_below(&seed, plant.atoms);
	}
	return plant;
}

static struct search make_search(struct plant *plant, unsigned width, unsigned levels)
{
	return (struct search){
		.judge = judge, .group = group, .ctx = plant, .levels = levels, .width = width};
}

/* The cause that a minimal set is; -1: it is none. */
static int cause_of(const struct plant *plant, const struct set *set)
{
	for (unsigned i = 0; i < plant->causes; i++) {
		bool parts = true, whole = true;

		for (unsigned j = 0; j < plant->parts[i]; j++)
			whole &= set_holds(set, plant->cause[i][j]);
		for (unsigned k = 0; k < set->count; k++) {
			bool found = false;

			for (unsigned j = 0; j < plant->parts[i]; j++)
				found |= plant->cause[i][j] == set->at[k];
			parts &= found;
		}
		if (parts && whole)
			return (int)i;
	}
	return -1;
}

static void check_minimal(const struct plant *plant, const struct set *set)
{
	unsigned rest[ATOMS];

	ck_assert(plant_is_bad(plant, set));
	for (unsigned i = 0; i < set->count; i++) {
		struct set smaller = {rest, set->count - 1};

		memcpy(rest, set->at, i * sizeof(rest[0]));
		memcpy(rest + i, set->at + i + 1, (set->count - i - 1) * sizeof(rest[0]));
		ck_assert_msg(!plant_is_bad(plant, &smaller) || cannot_judge(plant, &smaller),
			"atom %u can go", set->at[i]);
	}
}

START_TEST(finds_what_was_planted)
{
	for (unsigned seed = 1; seed <= 500; seed++) {
		struct plant plant = make_plant(seed);
		struct search search = make_search(&plant, 1 + seed % 4, 1 + seed % 2);
		struct set set;
		struct error err;

		ck_assert(set_full(&set, plant.atoms, &err));
		ck_assert(search_minimal(&search, &set, &err));
		check_minimal(&plant, &set);
		ck_assert_int_ge(cause_of(&plant, &set), 0);
		set_free(&set);
	}
}
END_TEST

/* An atom that mends what others break, except in BAD as a whole: not monotone. */
START_TEST(minimal_without_monotony)
{
	for (unsigned seed = 1; seed <= 500; seed++) {
		struct plant plant = make_plant(seed);
		struct search search = make_search(&plant, 1 + seed % 3, 1);
		struct set set;
		struct error err;

		plant.has_veto = true;
		plant.veto = random_below(&plant.seed, plant.atoms);
		ck_assert(set_full(&set, plant.atoms, &err));
		ck_assert(search_minimal(&search, &set, &err));
		check_minimal(&plant, &set);
		set_free(&set);
	}
}
END_TEST

START_TEST(goes_round_what_cannot_be_judged)
{
	for (unsigned seed = 1; seed <= 500; seed++) {
		struct plant plant = make_plant(seed);
		struct search search = make_search(&plant, 1 + seed % 3, 2);
		struct set set;
		struct error err;

		plant.fragile = true;
		ck_assert(set_full(&set, plant.atoms, &err));
		ck_assert(search_minimal(&search, &set, &err));
		check_minimal(&plant, &set);
		set_free(&set);
	}
}
END_TEST

/* Without these all others are good; with one of them put back they are not. */
START_TEST(finds_what_to_take_back)
{
	for (unsigned seed = 1; seed <= 300; seed++) {
		struct plant plant = make_plant(seed);
		struct search search = make_search(&plant, 1 + seed % 3, 1 + seed % 2);
		struct set set, rest;
		struct error err;

		ck_assert(
			set_full(&set, plant.atoms, &err) && set_create(&rest, plant.atoms, &err));
		ck_assert(search_minimal_removal(&search, plant.atoms, &set, &err));
		for (unsigned i = 0; i <= set.count; i++) {
			rest.count = 0;
			for (unsigned j = 0; j < plant.atoms; j++)
				if (!set_holds(&set, j) || (i < set.count && set.at[i] == j))
					rest.at[rest.count++] = j;
			ck_assert_int_eq(plant_is_bad(&plant, &rest), i < set.count);
		}
		set_free(&set);
		set_free(&rest);
	}
}
END_TEST

START_TEST(finds_the_boundary)
{
	for (unsigned seed = 1; seed <= 200; seed++) {
		struct plant plant = make_plant(seed);
		struct search search = make_search(&plant, 1 + seed % 4, 1);
		unsigned first = plant.atoms, count, skipped;
		struct error err;

		for (unsigned i = 0; i < plant.causes; i++) {
			unsigned last = 0;

			for (unsigned j = 0; j < plant.parts[i]; j++)
				if (plant.cause[i][j] + 1 > last)
					last = plant.cause[i][j] + 1;
			first = last < first ? last : first;
		}
		ck_assert(search_boundary(&search, plant.atoms, &count, &skipped, &err));
		ck_assert_uint_eq(count, first);
		ck_assert_uint_eq(skipped, 0);
	}
}
END_TEST

/* One in a million takes 20 questions of halving, and the removals nothing. */
START_TEST(asks_as_often_as_halving_needs)
{
	struct plant plant = {
		.atoms = 1 << 20, .causes = 1, .parts = {1}, .cause = {{777777}}, .group_of = 1};
	struct search search = make_search(&plant, 1, 1);
	struct set set;
	struct error err;

	ck_assert(set_full(&set, plant.atoms, &err));
	ck_assert(search_minimal(&search, &set, &err));
	ck_assert_uint_eq(set.count, 1);
	ck_assert_uint_eq(set.at[0], 777777);
	ck_assert_uint_le(plant.asked, 21);
	set_free(&set);
}
END_TEST

START_TEST(rates_of_a_firm_verdict)
{
	struct rates rates = {.of_good = {.good = 5}, .of_bad = {.bad = 5}};

	ck_assert_int_eq(rates_decide(&rates, &(struct tally){0}), OPINION_MORE);
	ck_assert_int_eq(rates_decide(&rates, &(struct tally){.good = 1}), OPINION_GOOD);
	ck_assert_int_eq(rates_decide(&rates, &(struct tally){.bad = 1}), OPINION_BAD);
	ck_assert_int_eq(rates_decide(&rates, &(struct tally){.skip = 1}), OPINION_SKIP);
	ck_assert_uint_eq(rates_tries_for_good(&rates), 1);
}
END_TEST

/* 3 of 10, of which 0.7 are counted on: ln(10000) / -ln(1 - 0.21) = 39.07. */
START_TEST(rates_of_a_wavering_verdict)
{
	struct rates rates = {
		.of_good = {.good = 40}, .of_bad = {.bad = 12, .good = 28}, .wavers = true};

	ck_assert(rates_differ(&rates));
	ck_assert_uint_eq(rates_tries_for_good(&rates), 40);
	ck_assert_int_eq(rates_decide(&rates, &(struct tally){.good = 39}), OPINION_MORE);
	ck_assert_int_eq(rates_decide(&rates, &(struct tally){.good = 40}), OPINION_GOOD);
	ck_assert_int_eq(rates_decide(&rates, &(struct tally){.good = 30, .bad = 1}), OPINION_BAD);
}
END_TEST

START_TEST(rates_that_tell_nothing)
{
	struct rates alike = {.of_good = {.good = 30, .bad = 10},
		.of_bad = {.bad = 12, .good = 28},
		.wavers = true};
	struct rates apart = {.of_good = {.good = 38, .bad = 2},
		.of_bad = {.bad = 30, .good = 10},
		.wavers = true};

	ck_assert(!rates_differ(&alike));
	ck_assert(rates_differ(&apart));
	/* One failure says little when GOOD fails now and then. */
	ck_assert_int_eq(rates_decide(&apart, &(struct tally){.bad = 1}), OPINION_MORE);
	ck_assert_int_eq(rates_decide(&apart, &(struct tally){.bad = 20}), OPINION_BAD);
	ck_assert_int_eq(rates_decide(&apart, &(struct tally){.good = 40}), OPINION_GOOD);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		finds_what_was_planted,
		minimal_without_monotony,
		goes_round_what_cannot_be_judged,
		finds_what_to_take_back,
		finds_the_boundary,
		asks_as_often_as_halving_needs,
		rates_of_a_firm_verdict,
		rates_of_a_wavering_verdict,
		rates_that_tell_nothing,
	};

	return RUN_SUITE("bisect_search", tests);
}
