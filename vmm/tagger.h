/* SPDX-License-Identifier: MIT */
/*
 * tagger.h: the output of one guest among several: bytes in any pieces become whole lines, each
 * behind the guest's tag.
 */
#ifndef VMM_TAGGER_H
#define VMM_TAGGER_H

#include <stdbool.h>
#include <stddef.h>

#define TAGGER_TAG  64
#define TAGGER_HELD 8192

struct tagger {
	char tag[TAGGER_TAG]; /* "[a] ", perhaps with colour */
	char held[TAGGER_HELD];
	size_t used;  /* of held: whole lines, then the beginning of one */
	size_t whole; /* of held: whole lines */
};

/* Takes n bytes that are whole lines; they are the callee's for the call only. */
typedef void tagger_emit(void *ctx, const char *lines, size_t n);

/* An empty tagger; the tag "[NAME] " is cut to fit. colour: 0 for none, else the number of one. */
void tagger_init(struct tagger *tagger, const char *name, unsigned colour);

/* Adds output and emits all whole lines. A line that is longer than held is broken. */
void tagger_put(struct tagger *tagger, const void *bytes, size_t n, tagger_emit *emit, void *ctx);

/* Ends an unfinished line and emits it. */
void tagger_end(struct tagger *tagger, tagger_emit *emit, void *ctx);

#endif
