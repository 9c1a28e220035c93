/* SPDX-License-Identifier: MIT */
/*
 * tagger.c: tags in front of lines.
 */
#include "tagger.h"

#include <stdio.h>
#include <string.h>

#define COLOURS 6 /* red to cyan: ECMA-48, 8.3.117 "SGR", parameters 31 to 36 */

void tagger_init(struct tagger *tagger, const char *name, unsigned colour)
{
	*tagger = (struct tagger){0};
	if (colour)
		snprintf(tagger->tag, TAGGER_TAG, "\033[%um[%.40s]\033[0m ",
			31 + (colour - 1) % COLOURS, name);
	else
		snprintf(tagger->tag, TAGGER_TAG, "[%.40s] ", name);
}

static void add(struct tagger *tagger, const char *bytes, size_t n)
{
	memcpy(tagger->held + tagger->used, bytes, n);
	tagger->used += n;
}

static void end_line(struct tagger *tagger)
{
	add(tagger, "\n", 1);
	tagger->whole = tagger->used;
}

static void emit_whole(struct tagger *tagger, tagger_emit *emit, void *ctx)
{
	if (!tagger->whole)
		return;
	emit(ctx, tagger->held, tagger->whole);
	tagger->used -= tagger->whole;
	memmove(tagger->held, tagger->held + tagger->whole, tagger->used);
	tagger->whole = 0;
}

/* Bytes of the current line that fit, with room for a newline. */
static size_t space(const struct tagger *tagger)
{
	return TAGGER_HELD - 1 - tagger->used;
}

/* Room for a tag and a byte after it, or in a line that has begun for a byte. */
static void make_room(struct tagger *tagger, tagger_emit *emit, void *ctx)
{
	if (space(tagger) > TAGGER_TAG)
		return;
	emit_whole(tagger, emit, ctx);
	if (space(tagger) > TAGGER_TAG)
		return;
	end_line(tagger);
	emit_whole(tagger, emit, ctx);
}

void tagger_put(struct tagger *tagger, const void *bytes, size_t n, tagger_emit *emit, void *ctx)
{
	const char *from = bytes;

	while (n) {
		const char *end = memchr(from, '\n', n);
		size_t length = end ? (size_t)(end - from) : n;

		make_room(tagger, emit, ctx);
		if (tagger->used == tagger->whole)
			add(tagger, tagger->tag, strlen(tagger->tag));
		if (length > space(tagger)) {
			length = space(tagger);
			end = NULL;
		}
		add(tagger, from, length);
		if (end)
			end_line(tagger);
		length += end != NULL;
		from += length;
		n -= length;
	}
	emit_whole(tagger, emit, ctx);
}

void tagger_end(struct tagger *tagger, tagger_emit *emit, void *ctx)
{
	if (tagger->used > tagger->whole)
		end_line(tagger);
	emit_whole(tagger, emit, ctx);
}
