/* SPDX-License-Identifier: MIT */
/*
 * pool.h: threads that work through numbered jobs while the caller's thread looks after the user.
 */
#ifndef BISECT_POOL_H
#define BISECT_POOL_H

#include <stdbool.h>

#include "error.h"

struct pool;

/* Does job number `job` in worker number `worker`; called in that worker's thread. */
typedef void pool_work_fn(void *ctx, unsigned worker, unsigned job);

/* Starts the threads. NULL with err. */
struct pool *pool_create(unsigned workers, pool_work_fn *work, void *ctx, struct error *err);
void pool_destroy(struct pool *pool);

/* Runs jobs 0 to n - 1 and returns when all are done. look, called ten times a second in the
 * caller's thread, may say false: then no more jobs are begun, and it is called until those at work
 * are done. True when all were begun. */
bool pool_run(struct pool *pool, unsigned n, bool (*look)(void *ctx), void *ctx);

#endif
