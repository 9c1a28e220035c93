/* SPDX-License-Identifier: MIT */
/*
 * verdicts.c: an open hash table, and a file of 24 bytes an entry of which the first names the
 * question. A torn last entry is dropped.
 */
#include "verdicts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "status.h"

#define FIRST_ROOM 1024
#define MAGIC      0x31746365736962ull /* "bisect1" */

struct record {
	uint64_t key[2];
	uint64_t verdict; /* of the first record: MAGIC */
};

void verdicts_init(struct verdicts *verdicts)
{
	*verdicts = (struct verdicts){.fd = -1};
}

void verdicts_deinit(struct verdicts *verdicts)
{
	free(verdicts->entries);
	if (verdicts->fd >= 0)
		close(verdicts->fd);
	verdicts_init(verdicts);
}

static struct verdict_entry *slot_of(
	struct verdict_entry *entries, size_t room, const struct content_hash *key)
{
	size_t at = key->word[0] & (room - 1);

	while (entries[at].verdict && memcmp(&entries[at].key, key, sizeof(*key)))
		at = (at + 1) & (room - 1);
	return &entries[at];
}

bool verdicts_find(
	const struct verdicts *verdicts, const struct content_hash *key, enum verdict *verdict)
{
	const struct verdict_entry *entry;

	if (!verdicts->used)
		return false;
	entry = slot_of(verdicts->entries, verdicts->room, key);
	if (entry->verdict)
		*verdict = (enum verdict)(entry->verdict - 1);
	return entry->verdict != 0;
}

static bool grow(struct verdicts *verdicts)
{
	size_t room = verdicts->room ? verdicts->room * 2 : FIRST_ROOM;
	struct verdict_entry *entries = calloc(room, sizeof(entries[0]));

	if (!entries)
		return false;
	for (size_t i = 0; i < verdicts->room; i++)
		if (verdicts->entries[i].verdict)
			*slot_of(entries, room, &verdicts->entries[i].key) = verdicts->entries[i];
	free(verdicts->entries);
	verdicts->entries = entries;
	verdicts->room = room;
	return true;
}

/* True when it is new. */
static bool insert(struct verdicts *verdicts, const struct content_hash *key, enum verdict verdict)
{
	struct verdict_entry *entry;

	if (verdicts->used * 2 >= verdicts->room && !grow(verdicts))
		return false;
	entry = slot_of(verdicts->entries, verdicts->room, key);
	if (entry->verdict)
		return false;
	*entry = (struct verdict_entry){.key = *key, .verdict = (unsigned char)(verdict + 1)};
	verdicts->used++;
	return true;
}

void verdicts_add(struct verdicts *verdicts, const struct content_hash *key, enum verdict verdict)
{
	struct record record = {{key->word[0], key->word[1]}, verdict};

	if (!insert(verdicts, key, verdict) || verdicts->fd < 0)
		return;
	if (write(verdicts->fd, &record, sizeof(record)) != sizeof(record)) {
		close(verdicts->fd);
		verdicts->fd = -1;
	}
}

static bool begin_file(const struct verdicts *verdicts, uint64_t first, uint64_t second)
{
	struct record head = {{first, second}, MAGIC};

	return !ftruncate(verdicts->fd, 0) && lseek(verdicts->fd, 0, SEEK_SET) == 0 &&
	       write(verdicts->fd, &head, sizeof(head)) == sizeof(head);
}

void verdicts_clear(struct verdicts *verdicts)
{
	struct record head;

	free(verdicts->entries);
	verdicts->entries = NULL;
	verdicts->room = verdicts->used = 0;
	if (verdicts->fd >= 0 && (pread(verdicts->fd, &head, sizeof(head), 0) != sizeof(head) ||
					 !begin_file(verdicts, head.key[0], head.key[1]))) {
		close(verdicts->fd);
		verdicts->fd = -1;
	}
}

static void read_records(struct verdicts *verdicts)
{
	off_t at = sizeof(struct record);
	struct record record;

	for (; pread(verdicts->fd, &record, sizeof(record), at) == sizeof(record);
		at += sizeof(record))
		if (record.verdict <= VERDICT_SKIP)
			insert(verdicts, &(struct content_hash){{record.key[0], record.key[1]}},
				(enum verdict)record.verdict);
	lseek(verdicts->fd, at, SEEK_SET);
}

bool verdicts_keep(struct verdicts *verdicts, const char *path, const struct content_hash *question,
	struct error *err)
{
	struct record head;

	verdicts->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (verdicts->fd < 0)
		return error_errno(err, STATUS_OUTPUT, "%s", path);
	if (pread(verdicts->fd, &head, sizeof(head), 0) == sizeof(head) && head.verdict == MAGIC &&
		head.key[0] == question->word[0] && head.key[1] == question->word[1])
		read_records(verdicts);
	else if (!begin_file(verdicts, question->word[0], question->word[1]))
		return error_errno(err, STATUS_OUTPUT, "%s", path);
	return true;
}
