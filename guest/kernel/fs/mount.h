/* SPDX-License-Identifier: MIT */
/*
 * mount.h: which file systems there are, and where they are in the tree.
 */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include "fs/vfs.h"

struct mount {
	struct mount *next;  /* in the order of mounting */
	struct dentry *root; /* held */
	const char *type;    /* a literal */
	char source[32];     /* as it was told, perhaps cut */
};

/* The first of all mounts is the root file system. */
const struct mount *mount_first(void);

/* Mounts a new file system of a type by name over a directory (NULL: as the root): 0, -ENODEV:
 * there is no such type, -EBUSY, -ENOTDIR or -ENOMEM. */
int mount_add(struct dentry *where, const char *type, const char *source);

/* Takes away what is mounted, with what only it holds; open files live on. The caller holds `root`
 * once. -EINVAL: it is no root, -EBUSY: it is in use. */
int mount_remove(struct dentry *root);

/* Takes all away, the root last. */
void mount_remove_all(void);

/* Makes the nodes that /dev is to have and lacks. */
void device_nodes(struct dentry *dev);

#endif
