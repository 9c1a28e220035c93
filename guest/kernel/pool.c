/* SPDX-License-Identifier: MIT */
/*
 * pool.c: objects of one size, cut from blocks of the heap.
 */
#include "pool.h"

#include <stdint.h>

#include "memory.h"
#include "string.h"

#define CHUNK_SMALL 30 /* objects in a chunk */
#define CHUNK_LARGE 4
#define LARGE       1024
#define CHUNK_HEAD  16

static struct pool *pools;

static size_t objects_in_chunk(const struct pool *pool)
{
	return pool->size < LARGE ? CHUNK_SMALL : CHUNK_LARGE;
}

struct pool_object *pool_grow(struct pool *pool)
{
	size_t n = objects_in_chunk(pool);
	struct pool_object *chunk = kmalloc(CHUNK_HEAD + n * pool->size, pool->owner);
	char *at = (char *)chunk + CHUNK_HEAD;
	struct pool_object *free = pool->free;

	if (!chunk)
		return NULL;
	if (!pool->chunks) {
		pool->next = pools;
		pools = pool;
	}
	chunk->next = pool->chunks;
	pool->chunks = chunk;
#pragma GCC unroll 4
	for (; n; n--, at += pool->size) {
		struct pool_object *object = (struct pool_object *)at;

		object->next = free;
		free = object;
	}
	pool->free = free;
	return free;
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

/* Second word of an object that is free, while chunks are looked through. */
enum mark { MARK_NONE, MARK_FREE, MARK_GOING };

static uintptr_t *mark_of(struct pool_object *object)
{
	return (uintptr_t *)object + 1;
}

/* An object that is in use may have this there by chance, but not all of a chunk. */
static uintptr_t mark_value(const struct pool_object *object, enum mark mark)
{
	return ~(uintptr_t)object + mark;
}

static void mark_free(struct pool *pool, bool free)
{
	for (struct pool_object *object = pool->free; object; object = object->next)
		*mark_of(object) = free ? mark_value(object, MARK_FREE) : 0;
}

static struct pool_object *object_at(const struct pool *pool, struct pool_object *chunk, size_t i)
{
	return (struct pool_object *)((char *)chunk + CHUNK_HEAD + i * pool->size);
}

static bool is_unused(const struct pool *pool, struct pool_object *chunk)
{
	for (size_t i = 0; i < objects_in_chunk(pool); i++) {
		struct pool_object *object = object_at(pool, chunk, i);

		if (*mark_of(object) != mark_value(object, MARK_FREE))
			return false;
	}
	return true;
}

/* Takes the objects of chunks that go out of the list of free ones. */
static void drop_going(struct pool *pool)
{
	struct pool_object **link = &pool->free;

	while (*link) {
		struct pool_object *object = *link;

		if (*mark_of(object) == mark_value(object, MARK_GOING))
			*link = object->next;
		else
			link = &object->next;
	}
}

static bool trim(struct pool *pool)
{
	struct pool_object **link = &pool->chunks, *going = NULL;

	mark_free(pool, true);
	while (*link) {
		struct pool_object *chunk = *link;

		if (!is_unused(pool, chunk)) {
			link = &chunk->next;
			continue;
		}
		*link = chunk->next;
		chunk->next = going;
		going = chunk;
		for (size_t i = 0; i < objects_in_chunk(pool); i++)
			*mark_of(object_at(pool, chunk, i)) =
				mark_value(object_at(pool, chunk, i), MARK_GOING);
	}
	drop_going(pool);
	mark_free(pool, false);
	if (!going)
		return false;
	while (going) {
		struct pool_object *next = going->next;

		kfree(going);
		going = next;
	}
	return true;
}

bool pools_trim(void)
{
	struct pool **link = &pools;
	bool any = false;

	while (*link) {
		struct pool *pool = *link;

		any |= trim(pool);
		if (pool->chunks)
			link = &pool->next;
		else
			*link = pool->next;
	}
	return any;
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
