/* SPDX-License-Identifier: MIT */
/*
 * cpio.h: reads an archive of the form "newc" in place. The archive may be anything: nothing
 * outside of it is touched.
 */
#ifndef FS_CPIO_H
#define FS_CPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpio_entry {
	const uint8_t *header;
	const char *name; /* without leading slashes and "./"; no NUL at its end */
	size_t length;
	const uint8_t *data;
	size_t size;
};

enum cpio_field {
	CPIO_INODE,
	CPIO_MODE,
	CPIO_UID,
	CPIO_GID,
	CPIO_LINKS,
	CPIO_MTIME,
	CPIO_SIZE,
	CPIO_DEV_MAJOR,
	CPIO_DEV_MINOR,
	CPIO_MAJOR, /* of the device that a node stands for */
	CPIO_MINOR,
	CPIO_NAME_SIZE,
	CPIO_CHECK, /* in this form of archive 0; tools/mkinitrd.c puts something there */
};

#define CPIO_HEADER     110 /* bytes before the name */
#define CPIO_MAGIC_SIZE 6

/* The eight digits of a number, as they are. */
static inline uint64_t cpio_digits(const uint8_t *header, enum cpio_field field)
{
	uint64_t text;

	__builtin_memcpy(&text, header + CPIO_MAGIC_SIZE + 8 * field, sizeof(text));
	return text;
}

/* Eight digits at once, since each instruction is dear: a byte c is a digit when c - '0' < 10, or a
 * letter; neighbours are joined, the first being worth more. Bytes that are no digits give some
 * number. */
static inline uint32_t cpio_hex(uint64_t text)
{
	text = (text & 0x0f0f0f0f0f0f0f0full) + 9 * (text >> 6 & 0x0101010101010101ull);
	text = text * 0x1001 >> 8 & 0x00ff00ff00ff00ffull;
	text = text * 0x1000001 >> 16 & 0x0000ffff0000ffffull;
	return (uint32_t)(text * 0x1000000000001ull >> 32);
}

/* A number of an entry. */
uint32_t cpio_field(const struct cpio_entry *entry, enum cpio_field field);

/* The entry at *offset, which moves behind it: 1; 0: the archive ends here; -EINVAL: it is
 * damaged. */
int cpio_next(const uint8_t *archive, size_t size, size_t *offset, struct cpio_entry *entry);

/* Whether an entry may begin at `offset`. */
bool cpio_begins(const uint8_t *archive, size_t size, size_t offset);

/*
 * The same, at little cost, if what comes is another name, and no contents, for the file whose
 * entry was the last one; else false, and nothing has changed. The name is as it stands there, and
 * may have NULs in it.
 */
static inline bool cpio_next_name(
	const uint8_t *archive, size_t size, size_t *offset, struct cpio_entry *entry)
{
	const uint8_t *header = archive + *offset, *last = entry->header;
	size_t left = size - *offset, n, data;

	if (left < CPIO_HEADER || __builtin_memcmp(header, last, CPIO_MAGIC_SIZE) != 0 ||
		cpio_digits(header, CPIO_INODE) != cpio_digits(last, CPIO_INODE) ||
		cpio_digits(header, CPIO_MODE) != cpio_digits(last, CPIO_MODE) ||
		cpio_digits(header, CPIO_DEV_MAJOR) != cpio_digits(last, CPIO_DEV_MAJOR) ||
		cpio_digits(header, CPIO_DEV_MINOR) != cpio_digits(last, CPIO_DEV_MINOR) ||
		cpio_digits(header, CPIO_SIZE) != 0x3030303030303030)
		return false;
	n = cpio_hex(cpio_digits(header, CPIO_NAME_SIZE));
	data = (CPIO_HEADER + n + 3) & ~(size_t)3;
	if (!n || data > left)
		return false;
	entry->header = header;
	entry->name = (const char *)header + CPIO_HEADER;
	entry->length = n - 1;
	entry->size = 0;
	*offset += data;
	return true;
}

#endif
