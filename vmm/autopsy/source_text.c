/* SPDX-License-Identifier: MIT */
/*
 * source_text.c: reading one line of a source file.
 */
#include "source_text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCE_MAX (8 << 20) /* bytes that are looked at */
#define BUFFER     4096
#define CUT_MARK   "..."

/* A report must not show files that are no sources, whatever a path says. */
static bool is_source_name(const char *path)
{
	static const char *const endings[] = {".c", ".h", ".S", ".s", ".asm", ".inc", ".cc", ".cpp",
		".cxx", ".hh", ".hpp", ".rs", ".zig", ".d", ".nim", ".go", ".adb", ".pas"};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(endings) / sizeof(endings[0]); i++)
		if (!strcmp(dot, endings[i]))
			return true;
	return false;
}

/* The lines before are skipped, the line itself is kept as far as it fits. */
struct line_search {
	unsigned wanted, now;
	char *buf;
	size_t size, used;
	bool found;
	bool cut; /* more than blanks did not fit */
};

static void keep_byte(struct line_search *search, char byte)
{
	bool blank = byte == ' ' || byte == '\t' || byte == '\r';

	if (blank && search->used == 0)
		return;
	if (search->used + 1 < search->size)
		search->buf[search->used++] = blank ? ' ' : byte;
	else if (!blank)
		search->cut = true;
}

/* Returns true when the line is complete. */
static bool search_bytes(struct line_search *search, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (search->now == search->wanted)
			search->found = true;
		if (bytes[i] == '\n') {
			if (search->now++ == search->wanted)
				return true;
		} else if (search->now == search->wanted) {
			keep_byte(search, bytes[i]);
		}
	}
	return false;
}

static void search_file(struct line_search *search, int fd)
{
	char bytes[BUFFER];
	ssize_t got;

	for (size_t total = 0; total < SOURCE_MAX; total += (size_t)got) {
		got = read(fd, bytes, sizeof(bytes));
		if (got <= 0 || search_bytes(search, bytes, (size_t)got))
			return;
	}
}

/* Its lines are not those that were compiled. */
static bool is_newer(const struct stat *source, const char *built)
{
	struct stat info;

	return built && stat(built, &info) == 0 &&
	       (source->st_mtim.tv_sec > info.st_mtim.tv_sec ||
		       (source->st_mtim.tv_sec == info.st_mtim.tv_sec &&
			       source->st_mtim.tv_nsec > info.st_mtim.tv_nsec));
}

bool source_text_read(const char *path, unsigned line, const char *built, char *buf, size_t n)
{
	struct line_search search = {.wanted = line, .now = 1, .buf = buf, .size = n};
	struct stat info;
	int fd;

	if (n == 0 || line == 0 || !is_source_name(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return false;
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && !is_newer(&info, built))
		search_file(&search, fd);
	close(fd);
	while (search.used && buf[search.used - 1] == ' ')
		search.used--;
	buf[search.used] = '\0';
	if (search.cut && n > sizeof(CUT_MARK))
		memcpy(buf + search.used - strlen(CUT_MARK), CUT_MARK, sizeof(CUT_MARK));
	return search.found;
}
