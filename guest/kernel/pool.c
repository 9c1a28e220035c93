/* SPDX-License-Identifier: MIT */
/*
 * pool.c: objects of one size, cut from blocks of the heap.
 */
#include "pool.h"

#include "memory.h"
#include "string.h"

#define CHUNK_OBJECTS 30
#define CHUNK_HEAD    16

struct link {
	struct link *next;
};

static void *add_chunk(struct pool *pool)
{
	struct link *chunk = kmalloc(CHUNK_HEAD + CHUNK_OBJECTS * pool->size, pool->owner), *object;
	char *at = (char *)chunk + CHUNK_HEAD;

	if (!chunk)
		return NULL;
	chunk->next = pool->chunks;
	pool->chunks = chunk;
	for (int i = 0; i < CHUNK_OBJECTS; i++, at += pool->size) {
		object = (struct link *)at;
		object->next = pool->free;
		pool->free = object;
	}
	return pool->free;
}

void *pool_alloc(struct pool *pool)
{
	struct link *object = pool->free ? pool->free : add_chunk(pool);

	if (!object)
		return NULL;
	pool->free = object->next;
	pool->used++;
	return memset(object, 0, pool->size);
}

void pool_free(struct pool *pool, void *object)
{
	struct link *link = object;

	link->next = pool->free;
	pool->free = link;
	pool->used--;
}

void pool_drain(struct pool *pool)
{
	struct link *chunk = pool->chunks;

	if (pool->used)
		return;
	pool->free = pool->chunks = NULL;
	while (chunk) {
		struct link *next = chunk->next;

		kfree(chunk);
		chunk = next;
	}
}
