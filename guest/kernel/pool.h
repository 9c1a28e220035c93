/* SPDX-License-Identifier: MIT */
/*
 * pool.h: many objects of one size, for a fraction of what kmalloc() costs, and without its guards.
 */
#ifndef KERNEL_POOL_H
#define KERNEL_POOL_H

#include <stdbool.h>
#include <stddef.h>

/* How an object that is free, and a chunk of them, begins. */
struct pool_object {
	struct pool_object *next;
};

struct pool {
	size_t size;       /* of an object: a multiple of 8, at least 16 */
	const char *owner; /* a literal, for the heap's statistics */
	struct pool_object *free, *chunks;
	size_t used;       /* objects handed out */
	struct pool *next; /* of those that have chunks */
};

#define POOL(type, name)                                                 \
	{                                                                \
		.size = (sizeof(type) + 7) & ~(size_t)7, .owner = (name) \
	}

/* Makes more objects; the first, still free, or NULL: no memory. */
struct pool_object *pool_grow(struct pool *pool);

/* An object with anything in it; NULL: no memory. */
static inline void *pool_take(struct pool *pool)
{
	struct pool_object *object = pool->free ? pool->free : pool_grow(pool);

	if (object) {
		pool->free = object->next;
		pool->used++;
	}
	return object;
}

/* The same, all zero. */
void *pool_alloc(struct pool *pool);
void pool_free(struct pool *pool, void *object);

/* Gives back every chunk in which no object is in use: true if there was one. For when memory runs
 * out: it looks at everything. */
bool pools_trim(void);

/* Gives the memory of all pools back of which no object is in use any more. */
void pools_drain(void);

#endif
