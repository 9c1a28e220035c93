/* SPDX-License-Identifier: MIT */
/*
 * cpio.h: reads an archive of the form "newc" in place. The archive may be anything: nothing
 * outside of it is touched.
 */
#ifndef FS_CPIO_H
#define FS_CPIO_H

#include <stddef.h>
#include <stdint.h>

struct cpio_entry {
	const uint8_t *header;
	const char *name; /* without leading slashes and "./"; not NUL-terminated */
	size_t length;
	uint32_t mode, links;
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
};

/* Another number of an entry. */
uint32_t cpio_field(const struct cpio_entry *entry, enum cpio_field field);

/* The entry at *offset, which moves behind it: 1; 0: the archive ends here; -EINVAL: it is
 * damaged. */
int cpio_next(const uint8_t *archive, size_t size, size_t *offset, struct cpio_entry *entry);

#endif
