/* SPDX-License-Identifier: MIT */
/*
 * cpio.c: reads an archive of the form "newc": headers of 110 bytes with numbers of eight
 * hexadecimal digits, name and data after them, each filled up to a multiple of four.
 */
#include "fs/cpio.h"

#include "errno.h"
#include "string.h"

#define HEADER     110
#define MAGIC_SIZE 6

enum field {
	FIELD_INODE,
	FIELD_MODE,
	FIELD_UID,
	FIELD_GID,
	FIELD_LINKS,
	FIELD_MTIME,
	FIELD_SIZE,
	FIELD_DEV_MAJOR,
	FIELD_DEV_MINOR,
	FIELD_MAJOR,
	FIELD_MINOR,
	FIELD_NAME_SIZE,
};

/* Eight digits at once, since each instruction is dear: a byte c is a digit when c - '0' < 10, or a
 * letter; bits are gathered pairwise. Bytes that are no digits give some number. */
static uint32_t hex(const uint8_t *header, enum field field)
{
	uint64_t text;

	memcpy(&text, header + MAGIC_SIZE + 8 * field, sizeof(text));
	text = (text & 0x0f0f0f0f0f0f0f0full) + 9 * (text >> 6 & 0x0101010101010101ull);
	text = (text << 4 | text >> 8) & 0x00ff00ff00ff00ffull;
	text = (text << 8 | text >> 16) & 0x0000ffff0000ffffull;
	return (uint32_t)(text << 16 | text >> 32);
}

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static void take_name(struct cpio_entry *entry, const char *name, size_t size)
{
	while (size && *name == '/')
		name++, size--;
	if (size >= 2 && name[0] == '.' && name[1] == '/')
		name += 2, size -= 2;
	entry->name = name;
	entry->length = strnlen(name, size); /* NULs may align the data */
	while (entry->length && name[entry->length - 1] == '/')
		entry->length--;
}

int cpio_next(const uint8_t *archive, size_t size, size_t *offset, struct cpio_entry *entry)
{
	const uint8_t *header = archive + *offset;
	size_t left = size - *offset, name_size, data;

	if (*offset > size || left < HEADER)
		return -EINVAL;
	if (memcmp(header, "070701", MAGIC_SIZE) != 0)
		return -EINVAL;
	name_size = hex(header, FIELD_NAME_SIZE);
	entry->size = hex(header, FIELD_SIZE);
	data = align4(HEADER + name_size);
	if (!name_size || data > left || entry->size > left - data)
		return -EINVAL;
	take_name(entry, (const char *)header + HEADER, name_size);
	if (entry->length == 10 && memcmp(entry->name, "TRAILER!!!", 10) == 0)
		return 0;
	entry->data = header + data;
	entry->inode = hex(header, FIELD_INODE);
	entry->mode = hex(header, FIELD_MODE);
	entry->uid = hex(header, FIELD_UID);
	entry->gid = hex(header, FIELD_GID);
	entry->links = hex(header, FIELD_LINKS);
	entry->mtime = hex(header, FIELD_MTIME);
	entry->major = hex(header, FIELD_MAJOR);
	entry->minor = hex(header, FIELD_MINOR);
	data += align4(entry->size);
	*offset += data < left ? data : left;
	return 1;
}
