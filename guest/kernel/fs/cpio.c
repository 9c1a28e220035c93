/* SPDX-License-Identifier: MIT */
/*
 * cpio.c: reads an archive of the form "newc": headers of 110 bytes with numbers of eight
 * hexadecimal digits, name and data after them, each filled up to a multiple of four.
 */
#include "fs/cpio.h"

#include <stdbool.h>

#include "errno.h"
#include "string.h"

#define HEADER     110
#define MAGIC_SIZE 6

typedef uint64_t unaligned64 __attribute__((aligned(1), may_alias));
typedef uint32_t unaligned32 __attribute__((aligned(1), may_alias));
typedef uint16_t unaligned16 __attribute__((aligned(1), may_alias));

/* Eight digits at once, since each instruction is dear: a byte c is a digit when c - '0' < 10, or a
 * letter; bits are gathered pairwise. Bytes that are no digits give some number. Most numbers are
 * small: seven times '0', then a digit. */
static inline uint32_t hex(const uint8_t *header, enum cpio_field field)
{
	uint64_t text = *(const unaligned64 *)(header + MAGIC_SIZE + 8 * field);

	if (text << 8 == 0x3030303030303000ull && text >> 56 <= '9')
		return (uint32_t)(text >> 56) & 0xf;
	text = (text & 0x0f0f0f0f0f0f0f0full) + 9 * (text >> 6 & 0x0101010101010101ull);
	text = (text << 4 | text >> 8) & 0x00ff00ff00ff00ffull;
	text = (text << 8 | text >> 16) & 0x0000ffff0000ffffull;
	return (uint32_t)(text << 16 | text >> 32);
}

uint32_t cpio_field(const struct cpio_entry *entry, enum cpio_field field)
{
	return hex(entry->header, field);
}

static inline bool has_magic(const uint8_t *header)
{
	return *(const unaligned32 *)header == 0x37303730 && /* "0707" */
	       *(const unaligned16 *)(header + 4) == 0x3130; /* "01" */
}

static bool is_trailer(const struct cpio_entry *entry)
{
	return entry->length == 10 && memcmp(entry->name, "TRAILER!!!", 10) == 0;
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
	if (!has_magic(header))
		return -EINVAL;
	name_size = hex(header, CPIO_NAME_SIZE);
	entry->size = hex(header, CPIO_SIZE);
	data = align4(HEADER + name_size);
	if (!name_size || data > left || entry->size > left - data)
		return -EINVAL;
	take_name(entry, (const char *)header + HEADER, name_size);
	if (is_trailer(entry))
		return 0;
	entry->header = header;
	entry->data = header + data;
	entry->mode = hex(header, CPIO_MODE);
	entry->links = hex(header, CPIO_LINKS);
	data += align4(entry->size);
	*offset += data < left ? data : left;
	return 1;
}
