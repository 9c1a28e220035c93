/* SPDX-License-Identifier: MIT */
/*
 * mkinitrd.c: makes an archive of the form cpio(5) "newc" from a list of what is to be in it. The
 * data of files of a page and more begin at multiples of 4096, which NULs behind their names bring
 * about, so that a kernel can map them where they lie.
 *
 *	mkinitrd OUTPUT <LIST	with lines	dir MODE NAME
 *						file MODE NAME SOURCE
 *						link NAME TARGET
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEADER       110
#define PAGE         4096
#define LINE_MAX_    4096
#define TYPE_DIR     0040000u
#define TYPE_FILE    0100000u
#define TYPE_SYMLINK 0120000u

struct archive {
	FILE *file;
	const char *path;
	unsigned long offset;
	unsigned entries;
};

static void put(struct archive *archive, const void *bytes, size_t n)
{
	if (fwrite(bytes, 1, n, archive->file) != n)
		err(1, "%s", archive->path);
	archive->offset += n;
}

static void fill(struct archive *archive, unsigned long multiple)
{
	while (archive->offset % multiple)
		put(archive, "", 1);
}

/* Bytes that the name takes, NUL included, so that the data begin where they should. */
static size_t name_size(const struct archive *archive, const char *name, size_t size)
{
	size_t n = strlen(name) + 1;
	unsigned long end = archive->offset + HEADER + n;

	return size < PAGE ? n : n + (PAGE - end % PAGE) % PAGE;
}

static void add(struct archive *archive, const char *name, unsigned mode, long mtime,
	const void *data, size_t size)
{
	size_t n = name_size(archive, name, size), length = strlen(name);
	char header[HEADER + 1];

	if (size > 0xffffffff)
		errx(1, "%s: too large", name);
	snprintf(header, sizeof(header),
		"070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ++archive->entries,
		mode, 0, 0, 1, (unsigned)mtime, (unsigned)size, 0, 0, 0, 0, (unsigned)n, 0);
	put(archive, header, HEADER);
	put(archive, name, length);
	for (size_t i = length; i < n; i++)
		put(archive, "", 1);
	fill(archive, 4);
	put(archive, data, size);
	fill(archive, 4);
}

static void add_file(struct archive *archive, const char *name, unsigned mode, const char *source)
{
	FILE *from = fopen(source, "rb");
	struct stat stat;
	char *data;

	if (!from || fstat(fileno(from), &stat))
		err(1, "%s", source);
	data = malloc((size_t)stat.st_size + 1);
	if (!data)
		err(1, "%s", source);
	if (fread(data, 1, (size_t)stat.st_size, from) != (size_t)stat.st_size)
		err(1, "%s", source);
	add(archive, name, TYPE_FILE | mode, (long)stat.st_mtime, data, (size_t)stat.st_size);
	free(data);
	fclose(from);
}

/* False: the line makes no sense. */
static bool add_line(struct archive *archive, const char *line)
{
	char name[LINE_MAX_], other[LINE_MAX_];
	unsigned mode;

	if (sscanf(line, "dir %o %4095s", &mode, name) == 2)
		add(archive, name, TYPE_DIR | (mode & 07777), 0, "", 0);
	else if (sscanf(line, "file %o %4095s %4095s", &mode, name, other) == 3)
		add_file(archive, name, mode & 07777, other);
	else if (sscanf(line, "link %4095s %4095s", name, other) == 2)
		add(archive, name, TYPE_SYMLINK | 0777, 0, other, strlen(other));
	else
		return line[0] == '#' || line[strspn(line, " \t\n")] == '\0';
	return true;
}

int main(int argc, char **argv)
{
	struct archive archive = {0};
	char line[3 * LINE_MAX_];

	if (argc != 2)
		errx(64, "usage: mkinitrd OUTPUT <LIST");
	archive.path = argv[1];
	archive.file = fopen(argv[1], "wb");
	if (!archive.file)
		err(1, "%s", argv[1]);
	while (fgets(line, sizeof(line), stdin))
		if (!add_line(&archive, line))
			errx(1, "not understood: %s", line);
	add(&archive, "TRAILER!!!", 0, 0, "", 0);
	if (fclose(archive.file))
		err(1, "%s", argv[1]);
	return 0;
}
