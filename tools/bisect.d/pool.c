/* SPDX-License-Identifier: MIT */
/*
 * pool.c: a counter of jobs under a lock, and threads that take from it.
 */
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_NANOSECONDS 100000000l

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work_came, work_done;
	pool_work_fn *work;
	void *ctx;
	struct pool_thread {
		struct pool *pool;
		pthread_t thread;
		unsigned number;
	} * threads;
	unsigned thread_count;
	unsigned next, end; /* jobs that are not begun */
	unsigned busy;      /* threads at work */
	bool closing;
};

static void *run_thread(void *arg)
{
	const struct pool_thread *self = arg;
	struct pool *pool = self->pool;

	pthread_mutex_lock(&pool->lock);
	while (!pool->closing) {
		unsigned job = pool->next;

		if (job >= pool->end) {
			pthread_cond_wait(&pool->work_came, &pool->lock);
			continue;
		}
		pool->next++;
		pool->busy++;
		pthread_mutex_unlock(&pool->lock);
		pool->work(pool->ctx, self->number, job);
		pthread_mutex_lock(&pool->lock);
		pool->busy--;
		if (!pool->busy && pool->next >= pool->end)
			pthread_cond_signal(&pool->work_done);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

static void init_locks(struct pool *pool)
{
	pthread_condattr_t clock;

	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work_came, NULL);
	pthread_cond_init(&pool->work_done, &clock);
	pthread_condattr_destroy(&clock);
}

struct pool *pool_create(unsigned workers, pool_work_fn *work, void *ctx, struct error *err)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (pool)
		pool->threads = calloc(workers, sizeof(pool->threads[0]));
	if (!pool || !pool->threads) {
		error_errno(err, STATUS_HOST, "memory for threads");
		free(pool);
		return NULL;
	}
	init_locks(pool);
	pool->work = work;
	pool->ctx = ctx;
	for (unsigned i = 0; i < workers; i++) {
		struct pool_thread *thread = &pool->threads[i];

		*thread = (struct pool_thread){.pool = pool, .number = i};
		errno = pthread_create(&thread->thread, NULL, run_thread, thread);
		if (errno) {
			error_errno(err, STATUS_HOST, "a thread");
			pool_destroy(pool);
			return NULL;
		}
		pool->thread_count++;
	}
	return pool;
}

void pool_destroy(struct pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->closing = true;
	pthread_cond_broadcast(&pool->work_came);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->thread_count; i++)
		pthread_join(pool->threads[i].thread, NULL);
	pthread_cond_destroy(&pool->work_came);
	pthread_cond_destroy(&pool->work_done);
	pthread_mutex_destroy(&pool->lock);
	free(pool->threads);
	free(pool);
}

static void wait_a_little(struct pool *pool)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_NANOSECONDS;
	until.tv_sec += until.tv_nsec / 1000000000l;
	until.tv_nsec %= 1000000000l;
	pthread_cond_timedwait(&pool->work_done, &pool->lock, &until);
}

bool pool_run(struct pool *pool, unsigned n, bool (*look)(void *ctx), void *ctx)
{
	bool all = true;

	pthread_mutex_lock(&pool->lock);
	pool->next = 0;
	pool->end = n;
	pthread_cond_broadcast(&pool->work_came);
	while (pool->next < pool->end || pool->busy) {
		wait_a_little(pool);
		pthread_mutex_unlock(&pool->lock);
		all &= look(ctx);
		pthread_mutex_lock(&pool->lock);
		if (!all)
			pool->next = pool->end;
	}
	pool->next = pool->end = 0;
	pthread_mutex_unlock(&pool->lock);
	return all;
}
