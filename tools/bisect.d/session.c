/* SPDX-License-Identifier: MIT */
/*
 * session.c: proves, hunts, and hunts again in what is left.
 */
#define _GNU_SOURCE /* asprintf() */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "autopsy/symbols.h"
#include "session_parts.h"
#include "status.h"
#include "symbol_check.h"

static void hash_text(struct content_hash *hash, const char *text)
{
	content_hash_add(hash, text ? text : "", text ? strlen(text) : 0);
}

/* What the verdicts in the folder are about. */
static struct content_hash hash_question(const struct session *session)
{
	const struct options *options = session->options;
	const struct config *config = &options->config;
	struct content_hash hash = {{0}};
	struct stat initrd;

	content_hash_add(&hash, session->good_image.bytes, session->good_image.size);
	content_hash_add(&hash, session->bad_image.bytes, session->bad_image.size);
	if (session->space)
		content_hash_add(
			&hash, &session->space->identity, sizeof(session->space->identity));
	if (config->initrd && !stat(config->initrd, &initrd)) {
		content_hash_add(&hash, &initrd.st_size, sizeof(initrd.st_size));
		content_hash_add(&hash, &initrd.st_mtim, sizeof(initrd.st_mtim));
	}
	for (unsigned i = 0; i < options->guest_count; i++)
		hash_text(&hash, options->guest[i]);
	hash_text(&hash, config->command_line);
	hash_text(&hash, options->test);
	hash_text(&hash, options->link);
	hash_text(&hash, options->build);
	hash_text(&hash, VMM_VERSION);
	return hash;
}

bool session_keep_verdicts(struct session *session, struct error *err)
{
	struct content_hash question = hash_question(session);
	char *path;
	bool ok;

	if (asprintf(&path, "%s/verdicts", session->results.folder) < 0)
		return error_errno(err, STATUS_HOST, "memory for a name");
	if (session->options->fresh)
		unlink(path);
	ok = judge_keep(session->judge, path, &question, &session->resumed, err);
	free(path);
	return ok;
}

bool session_start_judge(struct session *session, struct error *err)
{
	const struct options *options = session->options;
	struct judge_setup setup = {.config = &options->config,
		.test = options->test,
		.folder = session->results.absolute,
		.jobs = options->jobs,
		.look = progress_look,
		.ctx = &session->progress};

	session->judge = judge_create(&setup, err);
	session->progress.judge = session->judge;
	return session->judge != NULL;
}

static bool hunt_in(struct session *session, const struct space *space, const struct claim *bad,
	uint64_t salt_word, struct finding *finding, struct error *err)
{
	struct content_hash salt = {{session->way, salt_word}};
	struct hunt_setup setup = {.judge = session->judge,
		.space = space,
		.progress = &session->progress,
		.good = &session->good,
		.bad = bad,
		.proof = &session->proof,
		.jobs = session->options->jobs,
		.prefix = session->way == WAY_PREFIX,
		.salt = &salt};

	session->progress.what = space->what;
	return hunt(&setup, finding, err);
}

/* The functions that the objects or flags which were found make bad. */
static bool hunt_symbols(struct session *session, const struct content *smallest,
	struct finding *inner, struct error *err)
{
	const struct claim bad = {session->results.smallest, smallest};
	struct content_hash hash = {{0}};
	char *good_path;
	struct claim good;
	bool ok;

	if (asprintf(&good_path, "%s/good.elf", session->results.folder) < 0)
		return error_errno(err, STATUS_HOST, "memory for a name");
	good = (struct claim){good_path, &session->good_image};
	content_hash_add(&hash, smallest->bytes, smallest->size);
	ok = content_write(&session->good_image, good_path, 0644, err) &&
	     content_write(smallest, session->results.smallest, 0644, err) &&
	     session_diff_symbols(session, &good, &bad, err) &&
	     hunt_in(session, &session->diff.space, &bad, hash.word[0], inner, err);
	free(good_path);
	return ok;
}

/* That functions cannot be told apart is no failure: the objects or flags were found. */
static bool is_final(const struct error *err)
{
	return err->status == STATUS_INTERRUPTED || err->status == STATUS_HOST ||
	       err->status == STATUS_OUTPUT;
}

static bool refine_and_conclude(
	struct session *session, const struct finding *finding, struct error *err)
{
	struct content smallest = {0};
	struct finding inner = {0};
	bool found, ok;

	if (session->space == &session->diff.space)
		return session_conclude(session, finding, NULL, err);
	if (!hunt_compose(session->space, &finding->minimal, false, &smallest, err))
		return false;
	found = hunt_symbols(session, &smallest, &inner, err);
	if (!found && is_final(err)) {
		content_free(&smallest);
		return false;
	}
	if (!found)
		snprintf(session->note, sizeof(session->note),
			"Its functions could not be told apart: %.400s", err->text);
	ok = session_conclude(session, finding, found ? &inner : NULL, err);
	finding_free(&inner);
	content_free(&smallest);
	return ok;
}

/* What could not be exchanged may be what matters. */
static void add_note(const struct session *session, struct error *err)
{
	struct error why = *err;

	if (err->status == STATUS_ELSEWHERE && session->note[0])
		error_set(err, STATUS_ELSEWHERE, "%.500s. %s", why.text, session->note);
}

static bool prove_and_hunt(struct session *session, struct error *err)
{
	const struct options *options = session->options;
	struct finding finding;
	bool ok;

	if (!prove(session->judge, &session->good, &session->bad, options->config.timeout,
		    options->test, &session->proof, err))
		return false;
	if (!hunt_in(session, session->space, &session->bad, 0, &finding, err)) {
		add_note(session, err);
		return false;
	}
	ok = refine_and_conclude(session, &finding, err);
	finding_free(&finding);
	return ok;
}

static void end_session(struct session *session)
{
	progress_clear(&session->progress);
	judge_destroy(session->judge);
	diff_deinit(&session->diff);
	objects_deinit(&session->objects);
	flags_deinit(&session->flags);
	symbols_destroy(session->symbols);
	symbols_destroy(session->other_symbols);
	results_free(&session->results);
	content_free(&session->good_image);
	content_free(&session->bad_image);
	free(session->symbols_path);
}

/* What vmm would refuse when it is to explain the answer. */
static bool check_symbols(const struct options *options, struct error *err)
{
	const char *path = options->config.symbols;
	bool same;

	return !path || symbol_check(path, NULL, &same, err);
}

bool session_bisect(const struct options *options, struct error *err)
{
	struct session session = {.options = options, .way = options->way};
	bool ok;

	progress_init(&session.progress, options->quiet);
	session.build.stop = (struct command_stop){progress_is_over, &session.progress};
	if (!check_symbols(options, err) || !results_begin(&session.results, options, err))
		ok = false;
	else if (session.way == WAY_LAYOUT)
		ok = session_layout(&session, err);
	else
		ok = session_open_inputs(&session, err) && session_start_judge(&session, err) &&
		     session_keep_verdicts(&session, err) && prove_and_hunt(&session, err);
	end_session(&session);
	return ok;
}
