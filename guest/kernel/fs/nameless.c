/* SPDX-License-Identifier: MIT */
/*
 * nameless.c: open files that were never in the tree: sockets, eventfd and the like.
 */
#include "errno.h"
#include "fs/descriptors.h"
#include "memory.h"
#include "string.h"

int file_create_nameless(const char *name, struct inode *inode, unsigned flags, struct file **out)
{
	struct dentry *dentry = dentry_create(NULL, name, strlen(name), inode);
	int error;

	if (!dentry)
		return -ENOMEM;
	inode->links = 1;
	error = file_create(dentry, OPEN_BOTH | (flags & OPEN_NONBLOCK), out);
	dentry_put(dentry);
	return error;
}

int descriptor_create_nameless(const char *name, struct inode *inode, unsigned flags)
{
	struct file *file;
	int fd = file_create_nameless(name, inode, flags, &file);

	return fd ? fd : descriptor_give(file, 0, flags & OPEN_CLOEXEC);
}

struct inode *inode_create_nameless(
	size_t size, const struct inode_ops *ops, const struct file_ops *file_ops)
{
	struct inode *inode = inode_create(0600, ops, file_ops);

	if (!inode)
		return NULL;
	inode->data = kzalloc(size, "nameless file");
	if (inode->data)
		return inode;
	inode_put(inode);
	return NULL;
}

void inode_free_data(struct inode *inode)
{
	kfree(inode->data);
}
