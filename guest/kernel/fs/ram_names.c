/* SPDX-License-Identifier: MIT */
/*
 * ram_names.c: names of the RAM file system: made, removed and moved, with the counts of links that
 * belong to them.
 */
#include "errno.h"
#include "fs/initrd.h"
#include "fs/vfs.h"

static bool is_directory(const struct inode *inode)
{
	return (inode->mode & MODE_TYPE) == MODE_DIR;
}

static int add(struct dentry *dir, struct dentry *dentry, struct dentry **out)
{
	struct inode *inode = dentry->inode;

	inode->dev = dir->inode->dev;
	inode->links++;
	if (is_directory(inode)) { /* its own "." and ".." */
		inode->links++;
		dir->inode->links++;
	}
	dentry_link(dentry);
	if (out)
		*out = dentry;
	dentry_put(dentry);
	return 0;
}

int ram_add_in_place(
	struct dentry *dir, const char *name, size_t n, struct inode *inode, struct dentry **out)
{
	struct dentry *dentry = dentry_create(dir, name, n, inode);

	return dentry ? add(dir, dentry, out) : -ENOSPC;
}

int ram_add(
	struct dentry *dir, const char *name, size_t n, struct inode *inode, struct dentry **out)
{
	struct dentry *dentry = dentry_create(dir, name, n, inode);

	if (!dentry)
		return -ENOSPC;
	if (dentry_own_name(dentry)) {
		dentry_put(dentry);
		return -ENOSPC;
	}
	inode_touch(dir->inode);
	return add(dir, dentry, out);
}

void ram_remove(struct dentry *dentry)
{
	struct dentry *dir = dentry->parent;
	struct inode *inode = dentry->inode;

	if (dir->more_names || inode->more_names)
		initrd_finish();
	inode->links--;
	if (is_directory(inode)) {
		inode->links--;
		dir->inode->links--;
	}
	inode->changed = fs_now();
	inode_touch(dir->inode);
	dentry_unlink(dentry);
}

int ram_move(struct dentry *dentry, struct dentry *dir, const char *name, size_t n)
{
	struct dentry named = {.name = name, .length = (uint16_t)n};

	if (dentry->parent->more_names || dir->more_names || dentry->inode->more_names)
		initrd_finish();
	if (dentry_own_name(&named))
		return -ENOSPC;
	if (is_directory(dentry->inode)) {
		dentry->parent->inode->links--;
		dir->inode->links++;
	}
	inode_touch(dentry->parent->inode);
	inode_touch(dir->inode);
	dentry->inode->changed = fs_now();
	dentry_move(dentry, dir, named.name, n);
	dentry->owns_name = true;
	return 0;
}
