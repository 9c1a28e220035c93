/* SPDX-License-Identifier: MIT */
/*
 * walk.c: from a path to a dentry, name by name, through symbolic links and mounts.
 */
#include "fs/walk.h"

#include "errno.h"
#include "pool.h"
#include "string.h"

static struct pool paths = {.size = PATH_MAX_SIZE, .owner = "paths"};

char *path_alloc(void)
{
	return pool_take(&paths);
}

void path_free(char *path)
{
	if (path)
		pool_free(&paths, path);
}

/* Replaces *at, held, by another that is held already. */
static void step_to(struct dentry **at, struct dentry *to)
{
	dentry_put(*at);
	*at = to;
}

static void step_up(const struct fs_context *context, struct dentry **at)
{
	struct dentry *to = *at;

	if (to != context->root) {
		if (to->is_root && to->parent)
			to = to->parent;
		if (to->parent && to != context->root)
			to = to->parent;
	}
	dentry_get(to);
	step_to(at, to);
}

/* The name below the directory, held. */
static int step_down(struct dentry *dir, const char *name, size_t n, struct dentry **out)
{
	struct dentry *dentry = dentry_find(dir, name, n);

	if (!dentry) {
		const struct inode_ops *ops = dir->inode->ops;

		return ops->lookup ? ops->lookup(dir, name, n, out) : -ENOENT;
	}
	while (dentry->mounted)
		dentry = dentry->mounted;
	dentry_get(dentry);
	*out = dentry;
	return 0;
}

/* The path becomes the link's target and what is left of the old one. */
static int expand_link(struct walk *walk, struct inode *link, const char **path)
{
	size_t rest = strlen(*path);
	char *buffer = path_alloc();
	int64_t n;

	if (!buffer)
		return -ENOMEM;
	n = link->ops->readlink(link, buffer, PATH_MAX_SIZE);
	if (n <= 0 || (size_t)n + rest + 2 > PATH_MAX_SIZE) {
		path_free(buffer);
		return n < 0 ? (int)n : n ? -ENAMETOOLONG : -ENOENT;
	}
	memcpy(buffer + n, *path, rest + 1);
	path_free(walk->buffer);
	walk->buffer = buffer;
	*path = buffer;
	return 0;
}

static bool is_directory(const struct dentry *dentry)
{
	return (dentry->inode->mode & MODE_TYPE) == MODE_DIR;
}

static const char *skip_slashes(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

/* One name of the path. `at` is held. */
struct position {
	const struct fs_context *context;
	struct dentry *at;
	const char *path;
	unsigned links, flags;
};

static int follow_link(struct position *position, struct walk *walk, struct dentry *link)
{
	struct dentry *to = NULL;
	int error;

	if (++position->links > WALK_LINKS)
		return -ELOOP;
	if (link->inode->ops->follow)
		to = link->inode->ops->follow(link->inode);
	if (to) {
		step_to(&position->at, to);
		return 0;
	}
	error = expand_link(walk, link->inode, &position->path);
	if (error || position->path[0] != '/')
		return error;
	dentry_get(position->context->root);
	step_to(&position->at, position->context->root);
	return 0;
}

static int take_name(struct position *position, struct walk *walk)
{
	const char *name = position->path, *after = name;
	struct dentry *next = NULL;
	bool last, is_link;
	int error;

	while (*after && *after != '/')
		after++;
	if (after - name > NAME_MAX_LENGTH)
		return -ENAMETOOLONG;
	walk->name = name;
	walk->length = (size_t)(after - name);
	walk->slash = *after == '/';
	last = !*skip_slashes(after);
	if (last && walk->slash && position->flags & WALK_CREATE)
		return -EISDIR;
	error = step_down(position->at, name, walk->length, &next);
	if (error == -ENOENT && last && (position->flags & WALK_CREATE)) {
		walk->parent = position->at;
		position->at = NULL;
		position->path = "";
		return 0;
	}
	if (error)
		return error;
	position->path = after;
	is_link = (next->inode->mode & MODE_TYPE) == MODE_SYMLINK;
	if (is_link && !(last && !walk->slash && (position->flags & WALK_NOFOLLOW))) {
		error = follow_link(position, walk, next);
		dentry_put(next);
		return error;
	}
	if (last) {
		walk->parent = position->at;
		position->at = next;
		position->path = "";
		return walk->slash && !is_directory(next) ? -ENOTDIR : 0;
	}
	step_to(&position->at, next);
	return 0;
}

static bool is_dots(const char *name, size_t n, size_t dots)
{
	return n == dots && name[0] == '.' && name[dots - 1] == '.';
}

/* The walk ends before its last name. */
static int stop(struct position *position, struct walk *walk, size_t n)
{
	const char *name = position->path;

	walk->slash = name[n] == '/';
	if (is_dots(name, n, 1)) {
		walk->end = WALK_END_DOT;
	} else if (is_dots(name, n, 2)) {
		walk->end = WALK_END_DOTDOT;
	} else {
		walk->end = WALK_END_NAME;
		walk->name = name;
		walk->length = n;
		walk->parent = position->at;
		position->at = NULL;
	}
	return n > NAME_MAX_LENGTH ? -ENAMETOOLONG : 0;
}

static size_t name_length(const char *path)
{
	size_t n = 0;

	while (path[n] && path[n] != '/')
		n++;
	return n;
}

static int take_names(struct position *position, struct walk *walk)
{
	size_t n;
	int error;

	for (;;) {
		position->path = skip_slashes(position->path);
		if (!*position->path)
			return 0;
		if (!is_directory(position->at))
			return -ENOTDIR;
		error = inode_may(position->at->inode, MAY_EXEC);
		if (error)
			return error;
		n = name_length(position->path);
		if (position->flags & WALK_STOP && !*skip_slashes(position->path + n))
			return stop(position, walk, n);
		if (is_dots(position->path, n, 1) || is_dots(position->path, n, 2)) {
			if (n == 2)
				step_up(position->context, &position->at);
			position->path += n;
			continue;
		}
		error = take_name(position, walk);
		if (error || walk->parent)
			return error;
	}
}

int walk_path(const struct fs_context *context, struct dentry *start, const char *path,
	unsigned flags, struct walk *walk)
{
	struct position position = {context, *path == '/' ? context->root : start, path, 0, flags};
	int error;

	*walk = (struct walk){0};
	if (!*path)
		return -ENOENT;
	dentry_get(position.at);
	error = take_names(&position, walk);
	walk->dentry = position.at;
	if (error)
		walk_done(walk);
	return error;
}

int walk_last(struct walk *walk)
{
	return step_down(walk->parent, walk->name, walk->length, &walk->dentry);
}

void walk_done(struct walk *walk)
{
	dentry_put(walk->parent);
	dentry_put(walk->dentry);
	path_free(walk->buffer);
	*walk = (struct walk){0};
}
