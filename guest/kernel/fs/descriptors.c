/* SPDX-License-Identifier: MIT */
/*
 * descriptors.c: tables of open files, and root, working directory and umask of processes.
 */
#include "fs/descriptors.h"

#include "errno.h"
#include "fs/lock.h"
#include "memory.h"
#include "process.h"
#include "string.h"
#include "user.h"

#define FIRST_SLOTS 16

static struct files *files_empty(unsigned slots)
{
	struct files *files = kzalloc(sizeof(*files), "descriptors");

	if (!files)
		return NULL;
	files->users = 1;
	files->slots = slots;
	files->table = kzalloc(slots * sizeof(struct file *) + slots, "descriptors");
	if (!files->table) {
		kfree(files);
		return NULL;
	}
	files->cloexec = (uint8_t *)(files->table + slots);
	return files;
}

static int grow(struct files *files)
{
	unsigned slots = files->slots * 2;
	struct file **table;

	if (slots > DESCRIPTORS)
		return -EMFILE;
	table = kzalloc(slots * sizeof(struct file *) + slots, "descriptors");
	if (!table)
		return -ENOMEM;
	memcpy(table, files->table, files->slots * sizeof(struct file *));
	memcpy(table + slots, files->cloexec, files->slots);
	kfree(files->table);
	files->table = table;
	files->cloexec = (uint8_t *)(table + slots);
	files->slots = slots;
	return 0;
}

struct file *descriptor_file(int fd)
{
	const struct files *files = process_current()->files;

	return (unsigned)fd < files->slots ? files->table[fd] : NULL;
}

bool descriptor_has(const struct file *file)
{
	const struct files *files = process_current()->files;

	for (unsigned fd = 0; fd < files->slots; fd++) {
		if (files->table[fd] == file)
			return true;
	}
	return false;
}

unsigned descriptor_limit(void)
{
	uint64_t limit = process_current()->limits[LIMIT_NOFILE].soft;

	return limit < DESCRIPTORS ? (unsigned)limit : DESCRIPTORS;
}

static int put_at(struct files *files, struct file *file, unsigned fd, bool cloexec)
{
	int error = 0;

	while (fd >= files->slots && !error)
		error = grow(files);
	if (error)
		return error;
	files->table[fd] = file;
	files->cloexec[fd] = cloexec;
	return (int)fd;
}

/* The lowest number from `from` on that is free, perhaps beyond the limit. */
static unsigned find_free(struct files *files, unsigned from)
{
	unsigned fd = from < files->lowest ? files->lowest : from;

	while (fd < files->slots && files->table[fd])
		fd++;
	if (from <= files->lowest)
		files->lowest = fd;
	return fd;
}

bool descriptor_left(void)
{
	return find_free(process_current()->files, 0) < descriptor_limit();
}

int descriptor_add(struct file *file, int from, bool cloexec)
{
	struct files *files = process_current()->files;
	unsigned fd = find_free(files, (unsigned)from);

	return fd < descriptor_limit() ? put_at(files, file, fd, cloexec) : -EMFILE;
}

int descriptor_give(struct file *file, int from, bool cloexec)
{
	int fd = descriptor_add(file, from, cloexec);

	if (fd < 0)
		file_release(file);
	return fd;
}

/* Closing any of its descriptors costs a process its locks of the file. */
static void release(const struct files *files, struct file *file)
{
	if (file && file->inode->locks)
		locks_drop(file->inode, files);
	file_release(file);
}

int descriptor_close(int fd)
{
	struct files *files = process_current()->files;
	struct file *file = descriptor_file(fd);

	if (!file)
		return -EBADF;
	files->table[fd] = NULL;
	if ((unsigned)fd < files->lowest)
		files->lowest = (unsigned)fd;
	release(files, file);
	return 0;
}

struct files *files_create(void)
{
	struct files *files = files_empty(FIRST_SLOTS);
	struct fs_context *context = files ? fs_context_create() : NULL;
	struct walk walk;

	if (!context || walk_path(context, context->root, "/dev/console", 0, &walk)) {
		fs_context_drop(context);
		return files;
	}
	if (file_create(walk.dentry, OPEN_BOTH, &files->table[0]) == 0) {
		files->table[1] = file_acquire(files->table[0]);
		files->table[2] = file_acquire(files->table[0]);
	}
	walk_done(&walk);
	fs_context_drop(context);
	return files;
}

struct files *files_clone(struct files *files)
{
	struct files *copy = files_empty(files->slots);

	if (!copy)
		return NULL;
	copy->lowest = files->lowest;
	memcpy(copy->table, files->table, files->slots * sizeof(struct file *));
	memcpy(copy->cloexec, files->cloexec, files->slots);
	for (unsigned i = 0; i < files->slots; i++)
		if (copy->table[i])
			file_acquire(copy->table[i]);
	return copy;
}

struct files *files_share(struct files *files)
{
	files->users++;
	return files;
}

bool files_are_shared(const struct files *files)
{
	return files->users > 1;
}

void files_close_on_exec(struct files *files)
{
	for (unsigned i = 0; i < files->slots; i++) {
		struct file *file = files->table[i];

		if (!file || !files->cloexec[i])
			continue;
		files->table[i] = NULL;
		if (i < files->lowest)
			files->lowest = i;
		release(files, file);
	}
}

void files_drop(struct files *files)
{
	if (!files || --files->users)
		return;
	for (unsigned i = 0; i < files->slots; i++)
		release(files, files->table[i]);
	kfree(files->table);
	kfree(files);
}

struct fs_context *fs_context_clone(struct fs_context *fs)
{
	struct fs_context *copy = kmalloc(sizeof(*copy), "fs context");

	if (!copy)
		return NULL;
	*copy = *fs;
	copy->users = 1;
	dentry_get(copy->root);
	dentry_get(copy->cwd);
	return copy;
}

struct fs_context *fs_context_share(struct fs_context *fs)
{
	fs->users++;
	return fs;
}

void fs_context_drop(struct fs_context *fs)
{
	if (!fs || --fs->users)
		return;
	dentry_put(fs->root);
	dentry_put(fs->cwd);
	kfree(fs);
}

struct fs_context *context_current(void)
{
	return process_current()->fs;
}

int path_from_user(uintptr_t address, char **out)
{
	char *path = path_alloc();
	int64_t n;

	if (!path)
		return -ENOMEM;
	n = user_string(path, address, PATH_MAX_SIZE);
	if (n < 0) {
		path_free(path);
		return (int)n;
	}
	*out = path;
	return 0;
}

int user_walk(int at, uintptr_t path, unsigned flags, struct user_walk *out)
{
	struct fs_context *context = context_current();
	struct dentry *start = context->cwd;
	int error = path_from_user(path, &out->path);

	if (error)
		return error;
	if (at != AT_CWD && out->path[0] != '/') {
		struct file *file = descriptor_file(at);

		start = file ? file->dentry : NULL;
		if (!file)
			error = -EBADF;
		else if ((file->inode->mode & MODE_TYPE) != MODE_DIR && out->path[0])
			error = -ENOTDIR;
	}
	if (!error)
		error = walk_path(context, start, out->path, flags, &out->walk);
	if (error)
		path_free(out->path);
	return error;
}

void user_walk_done(struct user_walk *walk)
{
	walk_done(&walk->walk);
	path_free(walk->path);
}
