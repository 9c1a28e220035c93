/* SPDX-License-Identifier: MIT */
/*
 * frames.h: physical memory in frames of 4 KiB, handed out in blocks of 2^order frames by a buddy
 * allocator. What is known of each frame lies outside of it, so that a stray write to freed memory
 * cannot hurt the allocator.
 *
 * A block's first frame is its head: free, or used by an owner. The others are bodies. Giving back
 * anything but the head of a used block is a fault, as is a free block that turns out not to be
 * free. Memory that is still zero from the start is kept apart, since clearing a page is dear where
 * an emulator runs the kernel.
 */
#ifndef KERNEL_FRAMES_H
#define KERNEL_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#define FRAME_SHIFT  12
#define FRAME_SIZE   4096
#define FRAME_ORDERS 19 /* the largest block is 1 GiB */

/* Returned instead of an address when there is no memory. Frame 0 is never handed out. */
#define FRAME_NONE 0

enum frame_owner {
	OWNER_NONE, /* free */
	OWNER_KERNEL,
	OWNER_TABLE, /* page tables */
	OWNER_HEAP,
	OWNER_STACK,
	OWNER_USER,
	OWNER_FILE,
	OWNER_CHECK, /* start-up checks and tests */
	OWNERS
};

enum frame_state { FRAME_BODY, FRAME_FREE, FRAME_USED, FRAME_KEPT /* free, but in no list */ };

struct frame {
	uint32_t next, prev; /* neighbours in the list of free blocks: frame numbers, 0: none */
	uint32_t count;      /* of a used block: for its owner's use, 0 at first */
	uint8_t state;       /* enum frame_state */
	uint8_t order;       /* of a head */
	uint8_t owner;       /* enum frame_owner, of a used head */
	bool zero;           /* of a free head: every byte of the block is known to be 0 */
};

/* Free blocks by order. */
struct frame_lists {
	uint32_t orders; /* bit n: there is a block of order n */
	uint32_t first[FRAME_ORDERS];
};

/* Single free frames that wait to be used again as they are. */
struct frame_chain {
	uint32_t first; /* linked by `next` */
	uint32_t length;
};

struct frames {
	uint64_t metadata; /* physical address of limit struct frames */
	uint64_t chunks; /* physical address of a byte for each chunk: whether its metadata is valid
	                  */
	uint32_t limit;  /* frame numbers are below this */
	bool all_valid;  /* the metadata was zero at the start, so that every chunk is valid */
	/* [1]: blocks known to be all zero, which join only with their like. */
	struct frame_lists lists[2];
	struct frame_chain singles[2]; /* [1]: all zero */
	struct frame_chain tables;     /* kept for page tables */
	uint32_t free, total;          /* frames; those in chains are free */
	uint32_t owned[OWNERS];        /* frames by owner */
	/* Told of every misuse; when it returns, the call that found it does nothing else. */
	void (*fault)(struct frames *frames, const char *what, uint64_t phys);
};

/* Bytes of metadata for RAM that ends at `end`; a multiple of FRAME_SIZE. */
uint64_t frames_metadata_size(uint64_t end);

/* An allocator without any memory yet, for addresses below `end`. [metadata, metadata +
 * frames_metadata_size(end)) is its own from now on; zero: those bytes are known to be 0, and
 * nothing needs to be cleared. */
void frames_init(struct frames *frames, uint64_t end, uint64_t metadata, bool zero);

/* Gives it [base, base + size), shrunk to whole frames. zero: every byte is known to be 0. */
void frames_add(struct frames *frames, uint64_t base, uint64_t size, bool zero);

/* A block of 2^order frames, aligned to its size: physical address, or FRAME_NONE. */
uint64_t frames_alloc(struct frames *frames, unsigned order, enum frame_owner owner);

/* The same, filled with zeros. */
uint64_t frames_alloc_zero(struct frames *frames, unsigned order, enum frame_owner owner);

/* The same for a caller who has a better way to clear it: *zero is set when that is not needed. */
uint64_t frames_alloc_likely_zero(
	struct frames *frames, unsigned order, enum frame_owner owner, bool *zero);

/*
 * A frame of zeros for a page table, and giving it back, all zero again. Those that have been
 * tables are kept for tables as long as there are others: a KVM that shadows page tables goes on
 * watching such a frame, carries out a program's stores to it one by one, and does not see what is
 * written to it from outside the guest.
 */
uint64_t frames_alloc_table(struct frames *frames);
bool frames_free_table(struct frames *frames, uint64_t phys);

/* Gives a block back. False, after telling fault(), when phys is not the head of a used block. */
bool frames_free(struct frames *frames, uint64_t phys);

/* The same for a block of which every byte is 0: clearing it again would be a waste. */
bool frames_free_zero(struct frames *frames, uint64_t phys);

/* The head of a used block, NULL when phys is none; its `count` may be changed. */
struct frame *frames_used(struct frames *frames, uint64_t phys);

/* Head of the block that phys lies in, or NULL when it is in none; *head (unless NULL) is its
 * physical address. */
const struct frame *frames_find(struct frames *frames, uint64_t phys, uint64_t *head);

/* Checks lists, counts and every free block; false after telling fault() what is wrong. */
bool frames_audit(struct frames *frames);

/* "table", "heap"...: a literal. */
const char *frame_owner_name(enum frame_owner owner);

/* Smallest order whose block holds `bytes`. */
unsigned frame_order(uint64_t bytes);

#endif
