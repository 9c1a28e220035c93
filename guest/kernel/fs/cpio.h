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
	const char *name; /* without leading slashes and "./"; not NUL-terminated */
	size_t length;
	uint32_t inode, mode, uid, gid, links, mtime, major, minor;
	const uint8_t *data;
	size_t size;
};

/* The entry at *offset, which moves behind it: 1; 0: the archive ends here; -EINVAL: it is
 * damaged. */
int cpio_next(const uint8_t *archive, size_t size, size_t *offset, struct cpio_entry *entry);

#endif
