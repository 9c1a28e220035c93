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
static bool write_results(struct session *session, const struct finding *first,
	const struct finding *last, const struct space *last_space, struct content *smallest,
	struct content *whole, struct error *err)
{
	const struct set none = {0};
	struct content largest = {0};
	bool ok = hunt_compose(last_space, &last->minimal, false, smallest, err) &&
	          hunt_compose(last_space, &none, true, whole, err) &&
	          (!first->has_removal ||
			  hunt_compose(session->space, &first->removal, true, &largest, err)) &&
	          results_write(&session->results, session->options, smallest,
			  first->has_removal ? &largest : NULL, session->symbols_path,
			  session->proof.timeout, err);

	content_free(&largest);
	return ok;
}

bool session_conclude(struct session *session, const struct finding *finding,
	const struct finding *inner, struct error *err)
{
	bool diff_first = session->space == &session->diff.space;
	struct content smallest = {0}, whole = {0};
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
		.smallest = &smallest,
		.whole = &whole,
		.note = session->note[0] ? session->note : NULL};
	bool ok;

	progress_clear(&session->progress);
	ok = write_results(session, finding, inner ? inner : finding,
		     inner ? &session->diff.space : session->space, &smallest, &whole, err) &&
	     answer_name(&answer, session->symbols, err) && print_answer(&answer, err);
	answer_free(&answer);
	content_free(&smallest);
	content_free(&whole);
	return ok;
}
