/* SPDX-License-Identifier: MIT */
/*
 * walk.h: from a path to a dentry.
 */
#ifndef FS_WALK_H
#define FS_WALK_H

#include "fs/vfs.h"

#define WALK_LINKS 40 /* symbolic links on the way, at most */

#define WALK_NOFOLLOW (1u << 0) /* a symbolic link at the end stays one */
#define WALK_PARENT   (1u << 1) /* the last name need not exist */

struct fs_context {
	unsigned users;
	struct dentry *root, *cwd; /* held */
	uint32_t umask;
};

struct walk {
	struct dentry *parent; /* held; directory of the last name, NULL: path ends in . or .. */
	struct dentry *dentry; /* held; NULL (with WALK_PARENT): there is no such name */
	const char *name;      /* the last name, valid until walk_done() */
	size_t length;
	bool slash;   /* the path ends with one */
	char *buffer; /* what symbolic links made of the path */
};

/* Walks from `start` (or the root of `context`). On success walk_done() gives back what is held. */
int walk_path(const struct fs_context *context, struct dentry *start, const char *path,
	unsigned flags, struct walk *walk);
void walk_done(struct walk *walk);

#endif
