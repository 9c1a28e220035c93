/* SPDX-License-Identifier: MIT */
/*
 * judge.h: from an image to its verdict: tries in parallel, as many as a wavering verdict needs,
 * each content only once, also across runs of bisect.
 */
#ifndef BISECT_JUDGE_H
#define BISECT_JUDGE_H

#include "config.h"
#include "content.h"
#include "rates.h"
#include "space.h"

struct judge_setup {
	const struct config *config; /* how a guest is run */
	const char *test;            /* --test: the command; NULL: a VM judges */
	const char *folder;          /* for files that --test looks at */
	unsigned jobs;               /* tries side by side */
	double timeout;              /* seconds for a try; 0: none (only with --test) */
	/* Called about ten times a second while tries run; false: the user wants an end. */
	bool (*look)(void *ctx);
	void *ctx;
};

struct judge_counts {
	unsigned long long tries; /* runs of a guest, or of the test */
	unsigned long long known; /* verdicts that were known already */
	unsigned long long unjudged;
	double seconds; /* since the first */
};

struct judge;

/* setup is copied. NULL with err. */
struct judge *judge_create(const struct judge_setup *setup, struct error *err);
void judge_destroy(struct judge *judge);

/* Tries one content n times whatever is known of it. The last trial with the verdict that came most
 * goes to *trial. */
bool judge_repeat(struct judge *judge, const struct content *content, unsigned n,
	struct tally *tally, struct trial *trial, struct error *err);

/* How often GOOD and BAD fail: how many tries a verdict takes from now on. */
void judge_set_rates(struct judge *judge, const struct rates *rates);
void judge_set_timeout(struct judge *judge, double seconds);

/* Forgets all verdicts: they were given too easily. */
void judge_forget(struct judge *judge);

/* Verdicts about n sets of a space. Verdicts about sets are kept too; the salt tells those of one
 * space from those of another. */
bool judge_sets(struct judge *judge, const struct space *space, const struct set *sets, unsigned n,
	enum verdict *verdicts, struct error *err);
void judge_use_salt(struct judge *judge, const struct content_hash *salt);

/*
 * Keeps verdicts in a file, and takes those that are in it when it belongs to the same question.
 * True in *resumed when there were some. STATUS_OUTPUT when it cannot be written.
 */
bool judge_keep(struct judge *judge, const char *path, const struct content_hash *question,
	bool *resumed, struct error *err);

struct judge_counts judge_counts(const struct judge *judge);

#endif
