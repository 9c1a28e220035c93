/* SPDX-License-Identifier: MIT */
/*
 * fs.c: the tree of files from the start to the end: root from the initial RAM disk, /dev, /proc
 * and /tmp.
 */
#include "boot.h"
#include "errno.h"
#include "fs/descriptors.h"
#include "fs/initrd.h"
#include "fs/mount.h"
#include "fs/tty.h"
#include "log.h"
#include "memory.h"
#include "panic.h"
#include "string.h"

static struct dentry *root(void)
{
	return mount_first()->root;
}

static struct dentry *make_directory(const char *name, uint32_t rights)
{
	struct dentry *dentry = dentry_find(root(), name, strlen(name));

	if (dentry && (dentry->inode->mode & MODE_TYPE) != MODE_DIR) {
		ram_remove(dentry);
		dentry = NULL;
	}
	if (!dentry && ram_add_in_place(root(), name, strlen(name), ram_inode(MODE_DIR | rights, 0),
			       &dentry))
		panic("fs: no memory for /%s", name);
	return dentry;
}

static void unpack(void)
{
	int entries;

	if (!boot.initrd_size)
		return;
	entries = initrd_unpack(root(), phys_pointer(boot.initrd), boot.initrd_size);
	if (entries == -ENOSPC)
		log_error("fs: no memory for all of the initial RAM disk\n");
	else if (entries < 0)
		log_error("fs: the initial RAM disk is damaged\n");
	else
		log_debug("fs: %d entries from the initial RAM disk\n", entries);
}

void fs_init(void)
{
	if (mount_add(NULL, "ramfs", "initrd"))
		panic("fs: no memory for the root");
	unpack();
	make_directory("tmp", MODE_STICKY | 0777);
	device_nodes(make_directory("dev", 0755));
	if (mount_add(make_directory("proc", 0555), "proc", "proc"))
		log_error("fs: /proc cannot be mounted\n");
	tty_start();
}

struct fs_context *fs_context_create(void)
{
	struct fs_context *context = kzalloc(sizeof(*context), "fs context");

	if (!context)
		return NULL;
	context->users = 1;
	context->umask = 022;
	context->root = context->cwd = root();
	dentry_get(context->root);
	dentry_get(context->cwd);
	return context;
}

void fs_deinit(void)
{
	mount_remove_all();
}
