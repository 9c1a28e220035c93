/* SPDX-License-Identifier: MIT */
/*
 * file.c: opening and reading input files.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int file_open(const char *path, const char *what, uint64_t *size, struct error *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st)) {
		error_errno(err, STATUS_INPUT, "%s", path);
	} else if (!S_ISREG(st.st_mode)) {
		error_set(err, STATUS_INPUT, "%s: is %s, expected %s", path,
			S_ISDIR(st.st_mode) ? "a directory" : "not a regular file", what);
	} else {
		*size = (uint64_t)st.st_size;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

bool file_read(int fd, const char *path, void *buf, uint64_t n, uint64_t offset, struct error *err)
{
	uint8_t *to = buf;

	while (n) {
		ssize_t got = pread(fd, to, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, STATUS_INPUT, "%s", path);
		if (!got)
			return error_set(err, STATUS_INPUT,
				"%s: the file ends at byte %llu while it is read", path,
				(unsigned long long)offset);
		to += got;
		offset += (uint64_t)got;
		n -= (uint64_t)got;
	}
	return true;
}
