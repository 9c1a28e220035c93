/* SPDX-License-Identifier: MIT */
/*
 * session_layout.c: --by layout from the first build to the answer.
 */
#define _GNU_SOURCE /* asprintf() */
#include <stdio.h>
#include <stdlib.h>

#include "autopsy/json_value.h"
#include "layout_way.h"
#include "session_parts.h"
#include "status.h"

static const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_GOOD] = "good", [VERDICT_BAD] = "bad", [VERDICT_SKIP] = "-"};

	return names[verdict];
}

static void print_table(const struct layout_answer *answer)
{
	printf("Without any shift: %s (%s)\n\nshifted by ", verdict_name(answer->base),
		answer->trial.why);
	for (unsigned i = 0; i < LAYOUT_STEPS; i++)
		printf("%6u", layout_steps[i]);
	printf("\n");
	for (unsigned i = 0; i < PAD_SECTIONS; i++) {
		printf("  %-9s", pad_section_name((enum pad_section)i));
		for (unsigned j = 0; j < LAYOUT_STEPS; j++)
			printf("%6s", verdict_name(answer->section[i].step[j]));
		printf("\n");
	}
}

static void print_text(const struct session *session, const struct layout_answer *answer)
{
	print_table(answer);
	for (unsigned i = 0; i < PAD_SECTIONS; i++)
		if (answer->section[i].flips)
			printf("\nWith %s shifted by %u byte%s it is %s; with one byte less it "
			       "%s.\n",
				pad_section_name((enum pad_section)i), answer->section[i].least,
				answer->section[i].least == 1 ? "" : "s",
				verdict_name(
					answer->base == VERDICT_GOOD ? VERDICT_BAD : VERDICT_GOOD),
				answer->section[i].below == VERDICT_SKIP ? "cannot be judged"
				: answer->base == VERDICT_GOOD           ? "is good"
									 : "is bad");
	printf("\nThe layout alone matters: the code is the same in all of them.\nkept: %s\n      "
	       "%s\n",
		session->results.smallest, session->results.largest);
}

static void print_json(const struct session *session, const struct layout_answer *answer)
{
	json_t *root = json_object(), *sections = json_array();

	json_put_text(root, "way", "layout");
	json_put_text(root, "base", verdict_name(answer->base));
	for (unsigned i = 0; i < PAD_SECTIONS; i++) {
		json_t *section = json_object(), *steps = json_object();

		json_put_text(section, "section", pad_section_name((enum pad_section)i));
		json_put_bool(section, "matters", answer->section[i].flips);
		json_put_number(section, "least", answer->section[i].least);
		json_put_text(section, "one_less",
			answer->section[i].flips ? verdict_name(answer->section[i].below) : NULL);
		for (unsigned j = 0; j < LAYOUT_STEPS; j++) {
			char name[16];

			snprintf(name, sizeof(name), "%u", layout_steps[j]);
			json_put_text(steps, name, verdict_name(answer->section[i].step[j]));
		}
		json_put(section, "steps", steps);
		json_array_append_new(sections, section);
	}
	json_put(root, "sections", sections);
	json_put_text(root, "smallest_failing", session->results.smallest);
	json_put_text(root, "largest_living", session->results.largest);
	json_dumpf(root, stdout, JSON_INDENT(2));
	printf("\n");
	json_decref(root);
}

/* One image of each kind: without a shift, and with the first that matters. */
static bool keep_images(
	struct session *session, const struct layout_answer *answer, struct error *err)
{
	struct content base = {0}, shifted = {0};
	unsigned section = 0;
	bool ok;

	while (!answer->section[section].flips)
		section++;
	ok = layout_compose(answer, PAD_SECTIONS, &base, err) &&
	     layout_compose(answer, (enum pad_section)section, &shifted, err);
	if (ok && answer->base == VERDICT_GOOD)
		ok = results_write(&session->results, session->options, &shifted, &base, NULL, 0,
			&session->build.stop, err);
	else if (ok)
		ok = results_write(&session->results, session->options, &base, &shifted, NULL, 0,
			&session->build.stop, err);
	content_free(&base);
	content_free(&shifted);
	return ok;
}

static bool conclude(struct session *session, const struct layout_answer *answer, struct error *err)
{
	progress_clear(&session->progress);
	if (!answer->matters)
		return error_set(err, STATUS_ELSEWHERE,
			"the layout does not matter: %s without any shift, and the same with %u "
			"shifts "
			"of 1 to %u bytes",
			verdict_name(answer->base), PAD_SECTIONS * LAYOUT_STEPS, LAYOUT_SHIFT_MAX);
	if (!keep_images(session, answer, err))
		return false;
	if (session->options->json)
		print_json(session, answer);
	else
		print_text(session, answer);
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	return error_errno(err, STATUS_OUTPUT, "stdout");
}

bool session_layout(struct session *session, struct error *err)
{
	const struct options *options = session->options;
	struct layout_answer answer;

	if (!results_open(&session->results, true, err) || !session_start_judge(session, err))
		return false;
	session->build = (struct build){.option = "--build",
		.command = options->build,
		.folder = session->results.absolute,
		.stop = session->build.stop};
	session->progress.what = "shift";
	return layout_begin(&answer, session->judge, &session->build, options->config.timeout,
		       options->test, &session->good_image, err) &&
	       session_keep_verdicts(session, err) && layout_search(&answer, session->judge, err) &&
	       conclude(session, &answer, err);
}
