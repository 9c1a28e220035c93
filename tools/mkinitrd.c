/* SPDX-License-Identifier: MIT */
/*
 * mkinitrd.c: makes an archive of the form cpio(5) "newc" from a list of what is to be in it. The
 * data of files of a page and more begin at multiples of 4096, which NULs behind their names bring
 * about, so that a kernel can map them where they lie. Use: mkinitrd OUTPUT <LIST, with lines
 *
 *     dir MODE NAME
 *     file MODE NAME SOURCE
 *     link NAME TARGET
 *     hard NAME FILE          another name of a file earlier in the list
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

enum kind { DIRECTORY, FILE_, SYMBOLIC, HARD };

/* A line of the list. */
struct item {
	struct item *next;
	enum kind kind;
	unsigned mode, links, number;
	size_t run;         /* of the first of a run of further names that can wait: its bytes */
	char *name, *other; /* source, target, or the other name */
};

struct archive {
	FILE *file;
	const char *path;
	unsigned long offset;
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

static void add(struct archive *archive, const struct item *item, unsigned mode, long mtime,
	const void *data, size_t size)
{
	size_t n = name_size(archive, item->name, size), length = strlen(item->name);
	char header[HEADER + 1];

	if (size > 0xffffffff)
		errx(1, "%s: too large", item->name);
	snprintf(header, sizeof(header),
		"070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", item->number, mode, 0,
		0, item->links, (unsigned)mtime, (unsigned)size, 0, 0, 0, 0, (unsigned)n,
		(unsigned)item->run);
	put(archive, header, HEADER);
	put(archive, item->name, length);
	for (size_t i = length; i < n; i++)
		put(archive, "", 1);
	fill(archive, 4);
	put(archive, data, size);
	fill(archive, 4);
}

static void add_file(struct archive *archive, const struct item *item)
{
	FILE *from = fopen(item->other, "rb");
	struct stat stat;
	char *data;

	if (!from || fstat(fileno(from), &stat))
		err(1, "%s", item->other);
	data = malloc((size_t)stat.st_size + 1);
	if (!data || fread(data, 1, (size_t)stat.st_size, from) != (size_t)stat.st_size)
		err(1, "%s", item->other);
	add(archive, item, TYPE_FILE | item->mode, (long)stat.st_mtime, data, (size_t)stat.st_size);
	free(data);
	fclose(from);
}

static void add_item(struct archive *archive, const struct item *item)
{
	switch (item->kind) {
	case DIRECTORY:
		add(archive, item, TYPE_DIR | item->mode, 0, "", 0);
		break;
	case FILE_:
		add_file(archive, item);
		break;
	case SYMBOLIC:
		add(archive, item, TYPE_SYMLINK | 0777, 0, item->other, strlen(item->other));
		break;
	case HARD: /* the contents stand with the file */
		add(archive, item, TYPE_FILE | item->mode, 0, "", 0);
		break;
	}
}

/* False: the line makes no sense. */
static bool read_line(const char *line, struct item *item)
{
	char name[LINE_MAX_], other[LINE_MAX_] = "";

	if (sscanf(line, "dir %o %4095s", &item->mode, name) == 2)
		item->kind = DIRECTORY;
	else if (sscanf(line, "file %o %4095s %4095s", &item->mode, name, other) == 3)
		item->kind = FILE_;
	else if (sscanf(line, "link %4095s %4095s", name, other) == 2)
		item->kind = SYMBOLIC;
	else if (sscanf(line, "hard %4095s %4095s", name, other) == 2)
		item->kind = HARD;
	else
		return false;
	item->mode &= 07777;
	item->name = strdup(name);
	item->other = strdup(other);
	return item->name && item->other;
}

static void join(const struct item *items, struct item *item)
{
	for (struct item *at = (struct item *)items; at != item; at = at->next) {
		if (at->kind != FILE_ || strcmp(at->name, item->other) != 0)
			continue;
		at->links++;
		item->number = at->number;
		item->mode = at->mode;
		item->links = 2;
		return;
	}
	errx(1, "%s: there is no file %s before it", item->name, item->other);
}

/* Length of a name's directory, with the slash. */
static size_t directory_length(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? (size_t)(slash - name) + 1 : 0;
}

/* Whether b is a further name, and in the directory, of the file that a is a name of; both short.
 */
static bool is_beside(const struct item *a, const struct item *b)
{
	size_t n = directory_length(b->name), length = strlen(b->name);

	return a->kind == HARD && b->kind == HARD && a->number == b->number &&
	       n == directory_length(a->name) && strncmp(a->name, b->name, n) == 0 && n >= 2 &&
	       n <= 9 && length - n >= 1 && length - n <= 24 && b->name[n] != '.';
}

/* The second further name of a file and all that follow it: our kernel makes them when somebody
 * looks for a name in their directory that is not there. Others ignore the check field. */
static void find_runs(struct item *items)
{
	struct item *before = NULL, *first = NULL;

	for (struct item *item = items; item; before = item, item = item->next) {
		if (!before || !is_beside(before, item)) {
			first = NULL;
			continue;
		}
		if (!first)
			first = item;
		first->run += (HEADER + strlen(item->name) + 1 + 3) & ~(size_t)3;
	}
}

static struct item *read_list(FILE *from)
{
	struct item *items = NULL, **end = &items;
	char line[3 * LINE_MAX_];
	unsigned number = 0;

	while (fgets(line, sizeof(line), from)) {
		struct item *item;

		if (line[0] == '#' || line[strspn(line, " \t\n")] == '\0')
			continue;
		item = calloc(1, sizeof(*item));
		if (!item || !read_line(line, item))
			errx(1, "not understood: %s", line);
		item->number = ++number;
		item->links = 1;
		*end = item;
		end = &item->next;
		if (item->kind == HARD)
			join(items, item);
	}
	return items;
}

int main(int argc, char **argv)
{
	const struct item trailer = {.links = 1, .name = (char *)"TRAILER!!!"};
	struct archive archive = {0};
	struct item *items;

	if (argc != 2)
		errx(64, "usage: mkinitrd OUTPUT <LIST");
	archive.path = argv[1];
	items = read_list(stdin);
	find_runs(items);
	archive.file = fopen(argv[1], "wb");
	if (!archive.file)
		err(1, "%s", argv[1]);
	for (const struct item *item = items; item; item = item->next)
		add_item(&archive, item);
	add(&archive, &trailer, 0, 0, "", 0);
	if (fclose(archive.file))
		err(1, "%s", argv[1]);
	while (items) {
		struct item *next = items->next;

		free(items->name);
		free(items->other);
		free(items);
		items = next;
	}
	return 0;
}
