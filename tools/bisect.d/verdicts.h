/* SPDX-License-Identifier: MIT */
/*
 * verdicts.h: what is known already: a table from hashes (of contents, and of choices that are dear
 * to compose) to verdicts, and the file in which it outlives the process.
 */
#ifndef BISECT_VERDICTS_H
#define BISECT_VERDICTS_H

#include "content.h"
#include "vm.h"

struct verdicts {
	struct verdict_entry {
		struct content_hash key;
		unsigned char verdict; /* enum verdict + 1; 0: free */
	} * entries;
	size_t room, used;
	int fd; /* of the file; -1: none */
};

void verdicts_init(struct verdicts *verdicts);
void verdicts_deinit(struct verdicts *verdicts);

/* False when nothing is known. */
bool verdicts_find(
	const struct verdicts *verdicts, const struct content_hash *key, enum verdict *verdict);

/* Adds to table and file. Without memory, or with a full disk, it is not kept. */
void verdicts_add(struct verdicts *verdicts, const struct content_hash *key, enum verdict verdict);

/* Forgets all; the file is emptied. */
void verdicts_clear(struct verdicts *verdicts);

/* Opens the file, reads what belongs to the question, or begins it anew. */
bool verdicts_keep(struct verdicts *verdicts, const char *path, const struct content_hash *question,
	struct error *err);

#endif
