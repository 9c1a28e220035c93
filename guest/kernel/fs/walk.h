/* SPDX-License-Identifier: MIT */
/*
 * walk.h: from a path to a dentry.
 */
#ifndef FS_WALK_H
#define FS_WALK_H

#include "fs/vfs.h"

#define WALK_LINKS 40 /* symbolic links on the way, at most */

#define WALK_NOFOLLOW (1u << 0) /* a symbolic link at the end stays one */
#define WALK_CREATE   (1u << 1) /* the last name need not exist, but no slash may follow it */

#define WALK_STOP (1u << 2) /* the last name is not looked up: walk_last() does that */

struct fs_context {
	unsigned users;
	struct dentry *root, *cwd; /* held */
	uint32_t umask;
};

/* How a path ends. */
enum walk_end { WALK_END_ROOT, WALK_END_NAME, WALK_END_DOT, WALK_END_DOTDOT };

struct walk {
	struct dentry *parent; /* held; directory of the last name, NULL: path ends in . or .. */
	struct dentry *dentry; /* held; NULL (with WALK_CREATE): there is no such name */
	const char *name;      /* the last name, valid until walk_done() */
	size_t length;
	bool slash; /* the path ends with one */
	enum walk_end
		end;  /* with WALK_STOP; unless it is a name, `dentry` is what the path names */
	char *buffer; /* what symbolic links made of the path */
};

/* Room for PATH_MAX_SIZE bytes; NULL: no memory. path_free() takes NULL, too. */
char *path_alloc(void);
void path_free(char *path);

/* Walks from `start` (or the root of `context`). On success walk_done() gives back what is held. */
int walk_path(const struct fs_context *context, struct dentry *start, const char *path,
	unsigned flags, struct walk *walk);
void walk_done(struct walk *walk);

/* After WALK_STOP: looks the last name up, a symbolic link stays one: 0 or a negated errno. */
int walk_last(struct walk *walk);

#endif
