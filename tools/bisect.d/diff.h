/* SPDX-License-Identifier: MIT */
/*
 * diff.h: the space of two images' differences: GOOD, and pieces of BAD that can be put into it.
 * The ways bytes, prefix and symbol differ only in how they cut the pieces.
 */
#ifndef BISECT_DIFF_H
#define BISECT_DIFF_H

#include "config.h"
#include "content.h"
#include "image.h"
#include "space.h"

#define DIFF_MAX (4u << 20) /* differing bytes that are taken */

/* Bytes to put at a place of the file. */
struct piece {
	size_t offset, size;
	const uint8_t *bytes;
};

struct diff_atom {
	unsigned first, count; /* of its pieces */
	unsigned group[2];     /* at levels 0 and 1 */
	/* Of a symbol; else size is 0. */
	const char *name;      /* owned by the diff */
	uint64_t offset, size; /* where GOOD has it in its file */
	bool guessed;          /* the file does not say how long it is */
	const uint8_t *code;   /* BAD's version, moved to GOOD's address; NULL: as in BAD's file */
	uint64_t code_size;
	const uint8_t *own; /* with code: the same before it was moved, in BAD's content */
	uint64_t own_address;
};

struct diff {
	struct content base; /* GOOD, as long as the longer of the two; owned */
	/* Then GOOD and BAD have changed roles: base is BAD, atoms hold GOOD's pieces, and an atom
	 * that is in a set means that its pieces stay out. */
	bool reversed;
	struct piece *pieces;
	struct diff_atom *atoms;
	unsigned piece_count, atom_count;
	struct image good, bad; /* parsed, closed: for their segments */
	bool elf;
	void **owned; /* bytes that pieces point to */
	unsigned owned_count;
	struct space space; /* valid until diff_deinit() */
};

/* A stretch of a file. */
struct extent {
	uint64_t offset, size;
};

/*
 * Reads how the images are loaded and prepares a diff without atoms. STATUS_IMAGE: of different
 * kinds, or vmm would not run them. good and bad must outlive it.
 */
bool diff_init(struct diff *diff, const struct config *config, const char *good_path,
	const char *bad_path, const struct content *good, const struct content *bad,
	struct error *err);
void diff_deinit(struct diff *diff);

/* The stretches of both files that reach the guest, in order: headers and what is loaded. extents
 * has room for 2 * IMAGE_SEGMENTS + 4; returns their number. */
unsigned diff_extents(const struct diff *diff, const struct content *bad, struct extent *extents);

/* One atom a differing byte. STATUS_IDENTICAL when no byte that matters differs. */
bool diff_add_bytes(struct diff *diff, const struct content *bad, struct error *err);

/* Takes over bytes that pieces point to. */
bool diff_own(struct diff *diff, void *bytes, struct error *err);

/* The linear address of a byte of the file, by GOOD's segments; false for headers. */
bool diff_address(const struct diff *diff, uint64_t offset, uint64_t *linear);

/* Number of the file's byte at a linear address; false when the file has none. */
bool diff_offset(const struct image *image, uint64_t linear, uint64_t *offset);

#endif
