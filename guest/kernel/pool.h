/* SPDX-License-Identifier: MIT */
/*
 * pool.h: many objects of one size, for a fraction of what kmalloc() costs, and without its guards.
 */
#ifndef KERNEL_POOL_H
#define KERNEL_POOL_H

#include <stddef.h>

struct pool {
	size_t size;       /* of an object: a multiple of 8, at least 16 */
	const char *owner; /* a literal, for the heap's statistics */
	void *free;        /* each begins with a pointer to the next */
	void *chunks;      /* likewise */
	size_t used;       /* objects handed out */
};

#define POOL(type, name)                                                 \
	{                                                                \
		.size = (sizeof(type) + 7) & ~(size_t)7, .owner = (name) \
	}

/* An object, all zero; NULL: no memory. */
void *pool_alloc(struct pool *pool);
void pool_free(struct pool *pool, void *object);

/* Gives the memory back, if no object is in use any more. */
void pool_drain(struct pool *pool);

#endif
