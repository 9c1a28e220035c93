/* SPDX-License-Identifier: MIT */
/*
 * session_answer.c: from findings to files and the answer.
 */
#include "answer.h"
#include "session_parts.h"
#include "status.h"

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

/* The largest living one belongs to the first search, the smallest failing one to the last. */
struct images {
	struct content smallest, largest;
	struct content whole; /* with all atoms of the last search */
};

static bool make_images(const struct session *session, const struct finding *first,
	const struct finding *last, const struct space *last_space, struct images *images,
	struct error *err)
{
	const struct set none = {0};

	return hunt_compose(last_space, &last->minimal, false, &images->smallest, err) &&
	       hunt_compose(last_space, &none, true, &images->whole, err) &&
	       (!first->has_removal ||
		       hunt_compose(session->space, &first->removal, true, &images->largest, err));
}

static void free_images(struct images *images)
{
	content_free(&images->smallest);
	content_free(&images->largest);
	content_free(&images->whole);
}

bool session_conclude(struct session *session, const struct finding *finding,
	const struct finding *inner, struct error *err)
{
	bool diff_first = session->space == &session->diff.space;
	struct images images = {0};
	struct error unkept = {0};
	struct answer answer = {.options = session->options,
		.way = session->way,
		.good = &session->good,
		.bad = &session->bad,
		.proof = &session->proof,
		.finding = finding,
		.inner = diff_first ? finding : inner,
		.space = session->space,
		.results = &session->results,
		.counts = judge_counts(session->judge),
		.resumed = session->resumed,
		.diff = diff_first || inner ? &session->diff : NULL,
		.symbols = session->symbols,
		.other_symbols = session->other_symbols,
		.smallest = &images.smallest,
		.whole = &images.whole,
		.note = session->note[0] ? session->note : NULL};
	bool ok;

	progress_clear(&session->progress);
	ok = make_images(session, finding, inner ? inner : finding,
		inner ? &session->diff.space : session->space, &images, err);
	if (ok)
		results_write(&session->results, session->options, &images.smallest,
			finding->has_removal ? &images.largest : NULL, session->symbols_path,
			session->proof.timeout, &session->build.stop, &unkept);
	ok = ok && answer_name(&answer, err) && print_answer(&answer, err);
	answer_free(&answer);
	free_images(&images);
	/* An answer that cannot be kept is one. */
	if (ok && !session->results.is_kept) {
		*err = unkept;
		return false;
	}
	return ok;
}
