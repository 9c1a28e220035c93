/* SPDX-License-Identifier: MIT */
/*
 * judge.c: jobs for the testers, and what is known already.
 */
#include "judge.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kvm.h"
#include "machine.h"
#include "pool.h"
#include "run.h"
#include "status.h"
#include "tester.h"
#include "verdicts.h"

struct judge {
	struct judge_setup setup;
	struct kvm kvm; /* unused with --test */
	struct tester *testers;
	struct pool *pool;
	struct rates rates;
	pthread_mutex_t lock; /* guards what follows */
	struct verdicts verdicts;
	struct content_hash salt; /* of choices: changes with the space */
	struct judge_counts counts;
	double started;
	struct error failure; /* the first of a worker */
	bool failed, stop;
	/* The batch at work: sets of a space, or one content again and again. */
	const struct space *space;
	const struct set *sets;
	enum verdict *results;
	const struct content *content;
	struct tally tally;
	struct trial last[VERDICT_SKIP + 1];
};

static void fail(struct judge *judge, const struct error *err)
{
	pthread_mutex_lock(&judge->lock);
	if (!judge->failed)
		judge->failure = *err;
	judge->failed = true;
	__atomic_store_n(&judge->stop, true, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&judge->lock);
}

static bool is_stopped(void *ctx)
{
	const struct judge *judge = ctx;

	return __atomic_load_n(&judge->stop, __ATOMIC_ACQUIRE);
}

static bool try_once(struct judge *judge, unsigned worker, const struct content *content,
	struct trial *trial, struct error *err)
{
	if (!tester_try(&judge->testers[worker], content, judge->setup.timeout, trial, err))
		return false;
	pthread_mutex_lock(&judge->lock);
	judge->counts.tries++;
	judge->counts.unjudged += trial->verdict == VERDICT_SKIP;
	pthread_mutex_unlock(&judge->lock);
	return true;
}

static void count(struct tally *tally, enum verdict verdict)
{
	tally->good += verdict == VERDICT_GOOD;
	tally->bad += verdict == VERDICT_BAD;
	tally->skip += verdict == VERDICT_SKIP;
}

/* As many tries as it takes. False also when stopped, without err. */
static bool try_until_sure(struct judge *judge, unsigned worker, const struct content *content,
	enum verdict *verdict, struct error *err)
{
	static const enum verdict verdicts[] = {[OPINION_GOOD] = VERDICT_GOOD,
		[OPINION_BAD] = VERDICT_BAD,
		[OPINION_SKIP] = VERDICT_SKIP};
	enum opinion opinion = OPINION_MORE;
	struct tally tally = {0};
	struct trial trial;

	while (opinion == OPINION_MORE) {
		if (is_stopped(judge))
			return error_set(err, STATUS_INTERRUPTED, "interrupted");
		if (!try_once(judge, worker, content, &trial, err))
			return false;
		count(&tally, trial.verdict);
		opinion = rates_decide(&judge->rates, &tally);
	}
	*verdict = verdicts[opinion];
	return true;
}

static bool look_up(struct judge *judge, const struct content_hash *key, enum verdict *verdict)
{
	bool known;

	pthread_mutex_lock(&judge->lock);
	known = verdicts_find(&judge->verdicts, key, verdict);
	judge->counts.known += known;
	pthread_mutex_unlock(&judge->lock);
	return known;
}

static void remember(struct judge *judge, const struct content_hash *key, enum verdict verdict)
{
	pthread_mutex_lock(&judge->lock);
	verdicts_add(&judge->verdicts, key, verdict);
	pthread_mutex_unlock(&judge->lock);
}

static bool judge_content(struct judge *judge, unsigned worker, const struct content *content,
	enum verdict *verdict, struct error *err)
{
	/* A verdict of one try is none where many are needed. */
	struct content_hash key = {{judge->rates.wavers, 0}};

	content_hash_add(&key, content->bytes, content->size);
	if (look_up(judge, &key, verdict))
		return true;
	if (!try_until_sure(judge, worker, content, verdict, err))
		return false;
	remember(judge, &key, *verdict);
	return true;
}

/* What cannot be composed or built is no image: it cannot be judged. */
static bool judge_set(struct judge *judge, unsigned worker, const struct set *set,
	enum verdict *verdict, struct error *err)
{
	struct content content = {0};
	bool ok;

	if (!judge->space->compose(judge->space, set, &content, err)) {
		*verdict = VERDICT_SKIP;
		return err->status == STATUS_IMAGE;
	}
	ok = judge_content(judge, worker, &content, verdict, err);
	content_free(&content);
	return ok;
}

static void work_on_set(struct judge *judge, unsigned worker, unsigned job)
{
	const struct set *set = &judge->sets[job];
	struct content_hash key = judge->salt;
	struct error err;

	if (is_stopped(judge))
		return;
	key.word[1] ^= (uint64_t)judge->rates.wavers << 63;
	content_hash_add(&key, set->at, set->count * sizeof(set->at[0]));
	if (look_up(judge, &key, &judge->results[job]))
		return;
	if (!judge_set(judge, worker, set, &judge->results[job], &err))
		fail(judge, &err);
	else
		remember(judge, &key, judge->results[job]);
}

static void work_on_content(struct judge *judge, unsigned worker)
{
	struct trial trial;
	struct error err;

	if (is_stopped(judge))
		return;
	if (!try_once(judge, worker, judge->content, &trial, &err)) {
		fail(judge, &err);
		return;
	}
	pthread_mutex_lock(&judge->lock);
	count(&judge->tally, trial.verdict);
	judge->last[trial.verdict] = trial;
	pthread_mutex_unlock(&judge->lock);
}

static void work(void *ctx, unsigned worker, unsigned job)
{
	struct judge *judge = ctx;

	if (judge->space)
		work_on_set(judge, worker, job);
	else
		work_on_content(judge, worker);
}

static bool look(void *ctx)
{
	struct judge *judge = ctx;

	if (!judge->setup.look || judge->setup.look(judge->setup.ctx))
		return true;
	fail(judge, &(struct error){STATUS_INTERRUPTED, "interrupted"});
	for (unsigned i = 0; i < judge->setup.jobs; i++)
		tester_stop(&judge->testers[i]);
	return false;
}

static bool run_batch(struct judge *judge, unsigned n, struct error *err)
{
	if (!judge->started)
		judge->started = machine_now();
	pool_run(judge->pool, n, look, judge);
	if (judge->failed)
		*err = judge->failure;
	return !judge->failed;
}

static bool create_testers(struct judge *judge, struct error *err)
{
	const struct judge_setup *setup = &judge->setup;
	const struct command_stop stop = {is_stopped, judge};

	judge->testers = calloc(setup->jobs, sizeof(judge->testers[0]));
	if (!judge->testers)
		return error_errno(err, STATUS_HOST, "memory for tries");
	if (!setup->test && !kvm_open(&judge->kvm, err))
		return false;
	for (unsigned i = 0; i < setup->jobs; i++)
		if (!tester_create(&judge->testers[i], &judge->kvm, setup->config, setup->test,
			    setup->folder, i, &stop, err))
			return false;
	return true;
}

struct judge *judge_create(const struct judge_setup *setup, struct error *err)
{
	struct judge *judge = calloc(1, sizeof(*judge));

	if (!judge) {
		error_errno(err, STATUS_HOST, "memory for tries");
		return NULL;
	}
	judge->setup = *setup;
	judge->kvm.fd = -1;
	verdicts_init(&judge->verdicts);
	pthread_mutex_init(&judge->lock, NULL);
	run_block_signals();
	if (create_testers(judge, err))
		judge->pool = pool_create(setup->jobs, work, judge, err);
	if (judge->pool)
		return judge;
	judge_destroy(judge);
	return NULL;
}

void judge_destroy(struct judge *judge)
{
	if (!judge)
		return;
	pool_destroy(judge->pool);
	for (unsigned i = 0; judge->testers && i < judge->setup.jobs; i++)
		tester_destroy(&judge->testers[i]);
	free(judge->testers);
	if (judge->kvm.fd >= 0)
		kvm_close(&judge->kvm);
	verdicts_deinit(&judge->verdicts);
	pthread_mutex_destroy(&judge->lock);
	free(judge);
}

static enum verdict most(const struct tally *tally)
{
	if (tally->bad >= tally->good && tally->bad >= tally->skip)
		return VERDICT_BAD;
	return tally->good >= tally->skip ? VERDICT_GOOD : VERDICT_SKIP;
}

bool judge_repeat(struct judge *judge, const struct content *content, unsigned n,
	struct tally *tally, struct trial *trial, struct error *err)
{
	judge->space = NULL;
	judge->content = content;
	judge->tally = *tally;
	if (!run_batch(judge, n, err))
		return false;
	*tally = judge->tally;
	*trial = judge->last[most(tally)];
	return true;
}

void judge_set_rates(struct judge *judge, const struct rates *rates)
{
	judge->rates = *rates;
}

void judge_forget(struct judge *judge)
{
	verdicts_clear(&judge->verdicts);
}

void judge_set_timeout(struct judge *judge, double seconds)
{
	judge->setup.timeout = seconds;
}

bool judge_sets(struct judge *judge, const struct space *space, const struct set *sets, unsigned n,
	enum verdict *verdicts, struct error *err)
{
	judge->space = space;
	judge->sets = sets;
	judge->results = verdicts;
	return run_batch(judge, n, err);
}

void judge_use_salt(struct judge *judge, const struct content_hash *salt)
{
	judge->salt = *salt;
}

bool judge_keep(struct judge *judge, const char *path, const struct content_hash *question,
	bool *resumed, struct error *err)
{
	if (!verdicts_keep(&judge->verdicts, path, question, err))
		return false;
	*resumed = judge->verdicts.used > 0;
	return true;
}

struct judge_counts judge_counts(const struct judge *judge)
{
	struct judge_counts counts = judge->counts;

	counts.seconds = judge->started ? machine_now() - judge->started : 0;
	return counts;
}
