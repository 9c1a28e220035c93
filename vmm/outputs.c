/* SPDX-License-Identifier: MIT */
/*
 * outputs.c: comparing files that are there by device and inode, and those that are not yet there
 * by the name that they would get.
 */
#include "outputs.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 13

/* One file of a run. Only regular files count: many may share a terminal or /dev/null. */
struct named_file {
	const char *role; /* "--core", "the image" */
	bool exists;
	dev_t device;
	ino_t inode;
	char path[PATH_MAX]; /* that it would be created at, with all links followed */
};

struct file_list {
	struct named_file files[FILES_MAX];
	unsigned count;
};

static bool has_folder(const char *path)
{
	char copy[PATH_MAX];
	struct stat info;

	if (strlen(path) >= sizeof(copy))
		return false;
	strcpy(copy, path);
	return stat(dirname(copy), &info) == 0;
}

/* glibc's realpath() leaves the name at which it failed: behind all links, the file to be. */
static bool find_new_name(const char *path, char name[PATH_MAX])
{
	return !realpath(path, name) && errno == ENOENT && has_folder(path);
}

/* False when it cannot be one file with any other. */
static bool set_file(struct named_file *file, const struct stat *info)
{
	file->exists = true;
	file->device = info->st_dev;
	file->inode = info->st_ino;
	return S_ISREG(info->st_mode);
}

static void add(struct file_list *list, const char *role, bool output, const char *path)
{
	struct named_file *file = &list->files[list->count];
	struct stat info;

	if (!path)
		return;
	file->role = role;
	file->exists = false;
	if (stat(path, &info) == 0 ? set_file(file, &info)
				   : output && find_new_name(path, file->path))
		list->count++;
}

static void add_stream(struct file_list *list, const char *role, int fd)
{
	struct named_file *file = &list->files[list->count];
	struct stat info;

	file->role = role;
	if (fstat(fd, &info) == 0 && set_file(file, &info))
		list->count++;
}

/* The symbols of IMAGE.bin are looked for in IMAGE.elf. */
static void add_elf_beside(struct file_list *list, const char *image)
{
	size_t n = image ? strlen(image) : 0;
	char path[PATH_MAX];

	if (n < 4 || n >= sizeof(path) || strcmp(image + n - 4, ".bin") != 0)
		return;
	strcpy(path, image);
	strcpy(path + n - 4, ".elf");
	add(list, "the image's symbol file", false, path);
}

static bool is_one(const struct named_file *a, const struct named_file *b)
{
	if (a->exists != b->exists)
		return false;
	return a->exists ? a->device == b->device && a->inode == b->inode
	                 : !strcmp(a->path, b->path);
}

/* Whoever sent two streams to one file did so on purpose. */
static bool compare(const struct file_list *list, unsigned options, struct error *err)
{
	for (unsigned i = 0; i < options; i++)
		for (unsigned j = i + 1; j < list->count; j++)
			if (is_one(&list->files[i], &list->files[j]))
				return error_set(err, STATUS_USAGE,
					"%s would overwrite the file of %s: expected another file",
					list->files[i].role, list->files[j].role);
	return true;
}

bool outputs_check(
	const struct config *config, const char *image, const char *symbols, struct error *err)
{
	struct file_list list = {.count = 0};
	unsigned options;

	if (!config->report && !config->core && !config->trace_file)
		return true;
	add(&list, "--trace", true, config->trace_file);
	add(&list, "--report", true, config->report);
	add(&list, "--core", true, config->core);
	options = list.count;
	add(&list, "the image", false, config->image);
	add(&list, "--initrd", false, config->initrd);
	add(&list, "--symbols", false, config->symbols);
	add(&list, "--autopsy", false, config->autopsy);
	add(&list, "the core's image", false, image);
	add(&list, "the core's symbols", false, symbols);
	if (!config->symbols)
		add_elf_beside(&list, config->image ? config->image : image);
	add_stream(&list, "stdin", STDIN_FILENO);
	add_stream(&list, "stdout", STDOUT_FILENO);
	add_stream(&list, "stderr", STDERR_FILENO);
	return compare(&list, options, err);
}
