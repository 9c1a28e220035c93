/* SPDX-License-Identifier: MIT */
/*
 * pool.c: objects of one size, cut from blocks of the heap.
 */
#include "pool.h"

#include "memory.h"
#include "string.h"

#define CHUNK_OBJECTS 30
#define CHUNK_HEAD    16

struct pool_object *pool_grow(struct pool *pool)
{
	struct pool_object *chunk = kmalloc(CHUNK_HEAD + CHUNK_OBJECTS * pool->size, pool->owner),
			   *object;
	char *at = (char *)chunk + CHUNK_HEAD;

	if (!chunk)
		return NULL;
	chunk->next = pool->chunks;
	pool->chunks = chunk;
	for (int i = 0; i < CHUNK_OBJECTS; i++, at += pool->size) {
		object = (struct pool_object *)at;
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
	struct pool_object *link = object;

	link->next = pool->free;
	pool->free = link;
	pool->used--;
}

void pool_drain(struct pool *pool)
{
	struct pool_object *chunk = pool->chunks;

	if (pool->used)
		return;
	pool->free = pool->chunks = NULL;
	while (chunk) {
		struct pool_object *next = chunk->next;

		kfree(chunk);
		chunk = next;
	}
}
