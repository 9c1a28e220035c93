/* SPDX-License-Identifier: MIT */
/*
 * initrd.c: reading the initial RAM disk into guest memory.
 */
#include "initrd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

bool initrd_open(struct initrd *initrd, const char *path, struct error *err)
{
	*initrd = (struct initrd){.fd = -1, .path = path};
	if (!path)
		return true;
	initrd->fd = file_open(path, "an initial RAM disk", &initrd->size, err);
	if (initrd->fd < 0)
		return false;
	if (initrd->size)
		return true;
	initrd_close(initrd);
	return error_set(err, STATUS_INPUT, "%s: the initial RAM disk is empty", path);
}

void initrd_close(struct initrd *initrd)
{
	if (initrd->fd >= 0)
		close(initrd->fd);
	initrd->fd = -1;
}

bool initrd_load(
	const struct initrd *initrd, const struct guest_mem *mem, uint64_t gpa, struct error *err)
{
	void *to = memory_at(mem, gpa, initrd->size);

	if (initrd->fd < 0)
		return true;
	if (!to)
		return error_set(
			err, STATUS_BUG, "%s: no memory was reserved for it", initrd->path);
	memory_fill_soon(to, initrd->size);
	return file_read(initrd->fd, initrd->path, to, initrd->size, 0, err);
}
