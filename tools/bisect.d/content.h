/* SPDX-License-Identifier: MIT */
/*
 * content.h: the bytes of an image: read from a file, written to one, and a hash by which equal
 * contents are known.
 */
#ifndef BISECT_CONTENT_H
#define BISECT_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

#define CONTENT_MAX (256ull << 20) /* bytes of an image that is taken */

struct content {
	uint8_t *bytes; /* owned */
	size_t size;
};

/* 128 bits: equal hashes are taken for equal contents. */
struct content_hash {
	uint64_t word[2];
};

/* Reads the file. STATUS_INPUT when it cannot be read, STATUS_IMAGE when it is empty or larger than
 * CONTENT_MAX. content_free() afterwards. */
bool content_read(struct content *content, const char *path, struct error *err);

/* The text of a file of words or names, up to its first zero byte; `what` is expected of it, for
 * messages. The caller frees it; NULL with err, as above, but that it may be empty. */
char *content_read_text(const char *path, const char *what, struct error *err);

/* Makes room for size bytes, all zero. */
bool content_alloc(struct content *content, size_t size, struct error *err);

/* Frees the bytes; twice does no harm. */
void content_free(struct content *content);

/* Creates or replaces the file, executable when mode says so. STATUS_OUTPUT on failure, and no
 * file: a part of an image would be taken for one. */
bool content_write(
	const struct content *content, const char *path, unsigned mode, struct error *err);

/* Mixes n bytes into the hash; start with {{0}}. */
void content_hash_add(struct content_hash *hash, const void *bytes, size_t n);

bool content_equal(const struct content *a, const struct content *b);

#endif
