/* SPDX-License-Identifier: MIT */
/*
 * cpio.c: reads an archive of the form "newc": headers of 110 bytes with numbers of eight
 * hexadecimal digits, name and data after them, each filled up to a multiple of four.
 */
#include "fs/cpio.h"

#include "errno.h"
#include "string.h"

typedef uint32_t unaligned32 __attribute__((aligned(1), may_alias));
typedef uint16_t unaligned16 __attribute__((aligned(1), may_alias));

static inline uint32_t hex(const uint8_t *header, enum cpio_field field)
{
	uint64_t text = cpio_digits(header, field);

	return text == 0x3030303030303030 ? 0 : cpio_hex(text); /* most have none */
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

bool cpio_begins(const uint8_t *archive, size_t size, size_t offset)
{
	return offset <= size && size - offset >= CPIO_HEADER && has_magic(archive + offset);
}

static inline bool is_trailer(const struct cpio_entry *entry)
{
	return entry->length == 10 && memcmp(entry->name, "TRAILER!!!", 10) == 0;
}

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static inline void take_name(struct cpio_entry *entry, const char *name, size_t size)
{
	while (size && *name == '/')
		name++, size--;
	if (size >= 2 && name[0] == '.' && name[1] == '/')
		name += 2, size -= 2;
	entry->name = name;
	if (size >= 2 && !name[size - 1] && name[size - 2])
		entry->length = size - 1;
	else /* NULs align the data */
		entry->length = strnlen(name, size);
	while (entry->length && name[entry->length - 1] == '/')
		entry->length--;
}

int cpio_next(const uint8_t *archive, size_t size, size_t *offset, struct cpio_entry *entry)
{
	const uint8_t *header = archive + *offset;
	size_t left = size - *offset, name_size, data;

	if (*offset > size || left < CPIO_HEADER || !has_magic(header))
		return -EINVAL;
	name_size = hex(header, CPIO_NAME_SIZE);
	entry->size = hex(header, CPIO_SIZE);
	data = align4(CPIO_HEADER + name_size);
	if (!name_size || data > left || entry->size > left - data)
		return -EINVAL;
	take_name(entry, (const char *)header + CPIO_HEADER, name_size);
	if (is_trailer(entry))
		return 0;
	entry->header = header;
	entry->data = header + data;
	data += align4(entry->size);
	*offset += data < left ? data : left;
	return 1;
}
