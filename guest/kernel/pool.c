/* SPDX-License-Identifier: MIT */
/*
 * pool.c: objects of one size, cut from blocks of the heap.
 */
#include "pool.h"

#include "memory.h"
#include "string.h"

#define CHUNK_SMALL 30 /* objects in a chunk */
#define CHUNK_LARGE 4
#define LARGE       1024
#define CHUNK_HEAD  16

static struct pool *pools;

struct pool_object *pool_grow(struct pool *pool)
{
	size_t n = pool->size < LARGE ? CHUNK_SMALL : CHUNK_LARGE;
	struct pool_object *chunk = kmalloc(CHUNK_HEAD + n * pool->size, pool->owner);
	char *at = (char *)chunk + CHUNK_HEAD;

	if (!chunk)
		return NULL;
	if (!pool->chunks) {
		pool->next = pools;
		pools = pool;
	}
	chunk->next = pool->chunks;
	pool->chunks = chunk;
	for (; n; n--, at += pool->size) {
		struct pool_object *object = (struct pool_object *)at;

		object->next = pool->free;
		pool->free = object;
	}
	return pool->free;
}

void *pool_alloc(struct pool *pool)
{
	void *object = pool_take(pool);

	return object ? memset(object, 0, pool->size) : NULL;
}

void pool_free(struct pool *pool, void *object)
{
	struct pool_object *freed = object;

	freed->next = pool->free;
	pool->free = freed;
	pool->used--;
}

static void drain(struct pool *pool)
{
	struct pool_object *chunk = pool->chunks;

	pool->free = pool->chunks = NULL;
	while (chunk) {
		struct pool_object *next = chunk->next;

		kfree(chunk);
		chunk = next;
	}
}

void pools_drain(void)
{
	struct pool **link = &pools;

	while (*link) {
		struct pool *pool = *link;

		if (pool->used) {
			link = &pool->next;
			continue;
		}
		*link = pool->next;
		drain(pool);
	}
}
