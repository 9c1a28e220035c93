/* SPDX-License-Identifier: MIT */
/*
 * layout_way.c: steps first, then halving between the last step that did not matter and the first
 * that did.
 */
#define _GNU_SOURCE /* asprintf() */
#include "layout_way.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "results.h"
#include "status.h"

#define BASE_TRIES    5
#define TIMEOUT_FIRST 10.0
#define TIMEOUT_LEAST 1.0
#define TIMEOUT_TIMES 10
#define STRIDE        (LAYOUT_SHIFT_MAX + 1)

const unsigned layout_steps[LAYOUT_STEPS] = {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536};

static bool build_with(const struct layout_answer *answer, const char *pad, struct content *content,
	struct error *err)
{
	char *quoted = command_quote(pad);
	struct command_place place = {"@pad@", quoted};
	bool ok;

	if (!quoted)
		return error_errno(err, STATUS_HOST, "memory for a command");
	ok = build_image(answer->build, &place, 1, content, err);
	free(quoted);
	return ok;
}

static bool build_shifted(const struct layout_answer *answer, enum pad_section section,
	unsigned shift, struct content *content, struct error *err)
{
	char *path;
	bool ok;
	int fd;

	if (asprintf(&path, "%s/" RESULTS_TEMPORARY "pad-XXXXXX.o", answer->build->folder) < 0)
		return error_errno(err, STATUS_HOST, "memory for a name");
	fd = mkstemps(path, 2);
	ok = fd >= 0 || error_errno(err, STATUS_OUTPUT, "%s", path);
	if (ok) {
		close(fd);
		ok = pad_object_write(path, answer->elf32, section, shift, err) &&
		     build_with(answer, path, content, err);
		unlink(path);
	}
	free(path);
	return ok;
}

static bool compose(const struct space *space, const struct set *set, struct content *content,
	struct error *err)
{
	return build_shifted(space->ctx, (enum pad_section)(set->at[0] / STRIDE),
		set->at[0] % STRIDE, content, err);
}

bool layout_compose(const struct layout_answer *answer, enum pad_section section,
	struct content *content, struct error *err)
{
	if (section == PAD_SECTIONS)
		return build_shifted(answer, PAD_TEXT, 0, content, err);
	return build_shifted(answer, section, answer->section[section].least, content, err);
}

static bool judge_shifts(struct layout_answer *answer, struct judge *judge,
	enum pad_section section, const unsigned *shifts, unsigned n, enum verdict *verdicts,
	struct error *err)
{
	unsigned atoms[LAYOUT_STEPS];
	struct set sets[LAYOUT_STEPS];

	for (unsigned i = 0; i < n; i++) {
		atoms[i] = section * STRIDE + shifts[i];
		sets[i] = (struct set){&atoms[i], 1};
	}
	return judge_sets(judge, &answer->space, sets, n, verdicts, err);
}

/* between: a shift that does not matter and one that does. */
static bool find_least(struct layout_answer *answer, struct judge *judge, enum pad_section section,
	unsigned low, unsigned high, struct error *err)
{
	while (high - low > 1) {
		unsigned middle = low + (high - low) / 2;
		enum verdict verdict;

		if (!judge_shifts(answer, judge, section, &middle, 1, &verdict, err))
			return false;
		if (verdict == answer->base || verdict == VERDICT_SKIP) {
			low = middle;
			answer->section[section].below = verdict;
		} else {
			high = middle;
		}
	}
	answer->section[section].least = high;
	return true;
}

static bool search_section(struct layout_answer *answer, struct judge *judge,
	enum pad_section section, struct error *err)
{
	struct layout_section *result = &answer->section[section];

	if (!judge_shifts(answer, judge, section, layout_steps, LAYOUT_STEPS, result->step, err))
		return false;
	for (unsigned i = 0; i < LAYOUT_STEPS; i++) {
		if (result->step[i] == answer->base || result->step[i] == VERDICT_SKIP)
			continue;
		result->flips = answer->matters = true;
		result->below = i ? result->step[i - 1] : answer->base;
		return find_least(
			answer, judge, section, i ? layout_steps[i - 1] : 0, layout_steps[i], err);
	}
	return true;
}

/* A shift that matters in some tries only is no answer. */
static bool confirm(struct layout_answer *answer, struct judge *judge, enum pad_section section,
	struct error *err)
{
	struct content content = {0};
	struct tally tally = {0};
	struct trial trial;
	bool ok = layout_compose(answer, section, &content, err) &&
	          judge_repeat(judge, &content, BASE_TRIES, &tally, &trial, err);

	content_free(&content);
	if (!ok)
		return false;
	return !(answer->base == VERDICT_GOOD ? tally.good : tally.bad) ||
	       error_set(err, STATUS_WAVERS,
		       "the verdict wavers: with %s shifted by %u %u of %u tries are bad",
		       pad_section_name(section), answer->section[section].least, tally.bad,
		       BASE_TRIES);
}

/* What it is without any shift, and for which CPU the pads must be. */
static bool try_base(struct layout_answer *answer, struct judge *judge, struct content *content,
	struct error *err)
{
	bool ok = layout_compose(answer, PAD_SECTIONS, content, err);

	if (!ok && err->status == STATUS_IMAGE) {
		struct error first = *err;

		answer->elf32 = true;
		ok = layout_compose(answer, PAD_SECTIONS, content, err);
		if (!ok)
			*err = first;
	}
	ok = ok && judge_repeat(judge, content, BASE_TRIES, &answer->tally, &answer->trial, err);
	if (!ok) {
		if (err->status == STATUS_IMAGE)
			err->status = STATUS_COMMAND;
		return false;
	}
	answer->base = answer->trial.verdict;
	if (answer->tally.skip == BASE_TRIES)
		return error_set(err,
			answer->trial.status == STATUS_IMAGE ? STATUS_IMAGE : STATUS_UNJUDGED,
			"--build: what it makes cannot be judged: %s", answer->trial.why);
	return !(answer->tally.good && answer->tally.bad) ||
	       error_set(err, STATUS_WAVERS,
		       "the verdict wavers: without any shift %u of %u tries are bad",
		       answer->tally.bad, BASE_TRIES);
}

bool layout_begin(struct layout_answer *answer, struct judge *judge, const struct build *build,
	double timeout, bool by_test, struct content *base, struct error *err)
{
	const struct content_hash salt = {{7, 7}};

	*answer = (struct layout_answer){.build = build};
	answer->space = (struct space){.what = "shift", .compose = compose, .ctx = answer};
	judge_use_salt(judge, &salt);
	judge_set_timeout(judge, timeout > 0 || by_test ? timeout : TIMEOUT_FIRST);
	if (!try_base(answer, judge, base, err))
		return false;
	if (timeout <= 0 && !by_test && answer->base == VERDICT_GOOD)
		judge_set_timeout(judge, answer->trial.seconds * TIMEOUT_TIMES > TIMEOUT_LEAST
						 ? answer->trial.seconds * TIMEOUT_TIMES
						 : TIMEOUT_LEAST);
	return true;
}

bool layout_search(struct layout_answer *answer, struct judge *judge, struct error *err)
{
	for (unsigned i = 0; i < PAD_SECTIONS; i++)
		if (!search_section(answer, judge, (enum pad_section)i, err))
			return false;
	for (unsigned i = 0; i < PAD_SECTIONS; i++)
		if (answer->section[i].flips && !confirm(answer, judge, (enum pad_section)i, err))
			return false;
	return true;
}
