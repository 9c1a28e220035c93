/* SPDX-License-Identifier: MIT */
/*
 * heap.h: a heap on a range of addresses that grows upwards. Blocks lie side by side, each with a
 * header before and a red zone behind it; freed memory is poisoned. Damage is found at the latest
 * when the block is freed or the heap is checked, and the report names the block.
 */
#ifndef KERNEL_HEAP_H
#define KERNEL_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_BINS 32

struct heap_block;

/* What is wrong with which block. The block's own words are read before they are known to be sound.
 */
struct heap_fault {
	const char *what;  /* a literal */
	const void *where; /* the first bad byte, or the pointer that was passed */
	const void
		*block; /* the block's memory as its user knows it; NULL: there is no such block */
	size_t size;    /* as was asked for; 0 for a free block */
	const char *owner; /* a literal, or NULL */
	uintptr_t caller;  /* who allocated it (freed, for a free block), or 0 */
};

struct heap_stats {
	size_t used_blocks, used_bytes; /* bytes as asked for */
	size_t free_bytes;              /* that a caller could still get without growing */
	size_t peak_bytes;              /* highest used_bytes */
	uint64_t allocs, frees, failures;
};

struct heap {
	uintptr_t base, end, limit; /* memory is there in [base, end) and may come up to limit */
	struct heap_block *bins[HEAP_BINS];
	uint32_t bins_used; /* bit n: bin n is not empty */
	uint32_t last;      /* units of the block that ends at `end`; 0: none */
	size_t poison;      /* how much of a freed block is poisoned and verified, in bytes */
	struct heap_stats stats;
	/* Brings memory to [end, end + bytes); false: there is none. */
	bool (*grow)(struct heap *heap, size_t bytes);
	/* Told of every damage and misuse; when it returns, the block is left alone for ever. */
	void (*fault)(struct heap *heap, const struct heap_fault *fault);
	void *ctx; /* for grow and fault */
};

/* An empty heap in [base, limit), both multiples of 4096. */
void heap_init(struct heap *heap, uintptr_t base, uintptr_t limit,
	bool (*grow)(struct heap *heap, size_t bytes),
	void (*fault)(struct heap *heap, const struct heap_fault *fault), void *ctx);

/* Memory aligned to 16 bytes, or NULL. owner: a literal. caller: an address for reports. Size 0
 * gives a block too. */
void *heap_alloc(struct heap *heap, size_t size, const char *owner, uintptr_t caller);

/* Changes the size, in place where it can; contents up to the smaller size stay. NULL: no memory
 * (or damage), the old block is as it was. pointer may be NULL. */
void *heap_realloc(
	struct heap *heap, void *pointer, size_t size, const char *owner, uintptr_t caller);

/* pointer may be NULL. caller: who frees. */
void heap_free(struct heap *heap, void *pointer, uintptr_t caller);

/* Looks at every block and every list; false after telling fault() of the first damage. */
bool heap_check(struct heap *heap);

/* Calls visit for each used block. */
void heap_visit(const struct heap *heap,
	void (*visit)(
		void *ctx, const void *block, size_t size, const char *owner, uintptr_t caller),
	void *ctx);

#endif
