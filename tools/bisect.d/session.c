/* SPDX-License-Identifier: MIT */
/*
 * session.c: reads the inputs, chooses a way, proves, hunts, answers.
 */
#define _GNU_SOURCE /* asprintf() */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "autopsy/symbols_default.h"
#include "diff.h"
#include "hunt.h"
#include "judge.h"
#include "progress.h"
#include "results.h"
#include "status.h"

struct session {
	const struct options *options;
	enum way way;
	struct content good_image, bad_image;
	struct claim good, bad;
	struct progress progress;
	struct results results;
	struct judge *judge;
	bool resumed;
	struct proof proof;
	char *symbols_path; /* or NULL */
	struct symbols *symbols;
	struct diff diff;
};

static bool read_images(struct session *session, struct error *err)
{
	const struct options *options = session->options;

	if (!content_read(&session->good_image, options->good, err) ||
		!content_read(&session->bad_image, options->bad, err))
		return false;
	if (content_equal(&session->good_image, &session->bad_image))
		return error_set(err, STATUS_IDENTICAL, "%s and %s are identical", options->good,
			options->bad);
	session->good = (struct claim){options->good, &session->good_image};
	session->bad = (struct claim){options->bad, &session->bad_image};
	return true;
}

/* Flat images have their symbols in an ELF file beside them. */
static char *find_symbols(const struct options *options, bool elf)
{
	size_t n = strlen(options->good);
	char *path;

	if (options->config.symbols)
		return strdup(options->config.symbols);
	if (elf || n < 4 || strcmp(options->good + n - 4, ".bin") != 0)
		return NULL;
	path = strdup(options->good);
	if (!path)
		return NULL;
	strcpy(path + n - 4, ".elf");
	if (!access(path, R_OK))
		return path;
	free(path);
	return NULL;
}

static bool open_symbols(struct session *session, struct error *err)
{
	session->symbols_path = find_symbols(session->options, session->diff.elf);
	session->symbols = symbols_create();
	if (!session->symbols)
		return error_errno(err, STATUS_HOST, "memory for symbols");
	symbols_add_default(session->symbols, session->options->good, session->symbols_path);
	return true;
}

/* What the verdicts in the folder are about. */
static struct content_hash hash_question(const struct session *session)
{
	const struct options *options = session->options;
	const struct config *config = &options->config;
	const char *const texts[] = {options->test, config->expect, config->command_line,
		config->initrd, options->link, options->build};
	const uint64_t numbers[] = {config->memory, config->cpus, config->mode, config->load,
		config->entry, config->virt, (uint64_t)(config->timeout * 1000)};
	struct content_hash hash = {{0}};

	content_hash_add(&hash, session->good_image.bytes, session->good_image.size);
	content_hash_add(&hash, session->bad_image.bytes, session->bad_image.size);
	content_hash_add(&hash, numbers, sizeof(numbers));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		content_hash_add(&hash, texts[i] ? texts[i] : "", texts[i] ? strlen(texts[i]) : 0);
	return hash;
}

static bool keep_verdicts(struct session *session, struct error *err)
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

static bool start_judge(struct session *session, struct error *err)
{
	const struct options *options = session->options;
	struct judge_setup setup = {.config = &options->config,
		.test = options->test,
		.folder = session->results.folder,
		.jobs = options->jobs,
		.look = progress_look,
		.ctx = &session->progress};

	progress_init(&session->progress, options->quiet);
	session->judge = judge_create(&setup, err);
	session->progress.judge = session->judge;
	return session->judge && keep_verdicts(session, err) &&
	       prove(session->judge, &session->good, &session->bad, options->config.timeout,
		       options->test, &session->proof, err);
}

static bool make_diff(struct session *session, struct error *err)
{
	const struct options *options = session->options;

	if (!diff_init(&session->diff, &options->config, options->good, options->bad,
		    &session->good_image, &session->bad_image, err) ||
		!diff_add_bytes(&session->diff, &session->bad_image, err) ||
		!open_symbols(session, err))
		return false;
	changes_group(&session->diff, session->symbols);
	return true;
}

static bool print_answer(struct answer *answer, struct error *err)
{
	if (answer->options->json)
		answer_print_json(answer, stdout);
	else
		answer_print(answer, stdout);
	if (fflush(stdout) || ferror(stdout))
		return error_errno(err, STATUS_OUTPUT, "stdout");
	return true;
}

static bool write_results(struct session *session, const struct finding *finding,
	const struct space *space, struct content *smallest, struct content *whole,
	struct error *err)
{
	const struct set none = {0};
	struct content largest = {0};
	bool ok = hunt_compose(space, &finding->minimal, false, smallest, err) &&
	          hunt_compose(space, &none, true, whole, err) &&
	          (!finding->has_removal ||
			  hunt_compose(space, &finding->removal, true, &largest, err)) &&
	          results_write(&session->results, session->options, smallest,
			  finding->has_removal ? &largest : NULL, session->symbols_path,
			  session->proof.timeout, err);

	content_free(&largest);
	return ok;
}

static bool answer(struct session *session, const struct finding *finding, struct error *err)
{
	struct content smallest = {0}, whole = {0};
	struct answer answer = {.options = session->options,
		.way = session->way,
		.good = &session->good,
		.bad = &session->bad,
		.proof = &session->proof,
		.finding = finding,
		.space = &session->diff.space,
		.results = &session->results,
		.counts = judge_counts(session->judge),
		.resumed = session->resumed,
		.diff = &session->diff,
		.good_image = &session->good_image,
		.smallest = &smallest,
		.whole = &whole,
		.other = &whole};
	bool ok;

	progress_clear(&session->progress);
	ok = write_results(session, finding, answer.space, &smallest, &whole, err) &&
	     answer_name(&answer, session->symbols, err) && print_answer(&answer, err);
	answer_free(&answer);
	content_free(&smallest);
	content_free(&whole);
	return ok;
}

static bool hunt_and_answer(struct session *session, struct error *err)
{
	struct content_hash salt = {{session->way, 0}};
	struct hunt_setup setup = {.judge = session->judge,
		.space = &session->diff.space,
		.progress = &session->progress,
		.good = &session->good,
		.bad = &session->bad,
		.proof = &session->proof,
		.jobs = session->options->jobs,
		.prefix = session->way == WAY_PREFIX,
		.salt = &salt};
	struct finding finding;
	bool ok;

	session->progress.what = setup.space->what;
	if (!hunt(&setup, &finding, err))
		return false;
	ok = answer(session, &finding, err);
	finding_free(&finding);
	return ok;
}

static void end_session(struct session *session)
{
	progress_clear(&session->progress);
	judge_destroy(session->judge);
	diff_deinit(&session->diff);
	symbols_destroy(session->symbols);
	results_free(&session->results);
	content_free(&session->good_image);
	content_free(&session->bad_image);
	free(session->symbols_path);
}

bool session_bisect(const struct options *options, struct error *err)
{
	struct session session = {.options = options, .way = options->way};
	bool ok;

	if (session.way == WAY_BEST)
		session.way = WAY_BYTES;
	ok = read_images(&session, err) && make_diff(&session, err) &&
	     results_open(&session.results, options, session.diff.elf, err) &&
	     start_judge(&session, err) && hunt_and_answer(&session, err);
	end_session(&session);
	return ok;
}
