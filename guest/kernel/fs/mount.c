/* SPDX-License-Identifier: MIT */
/*
 * mount.c: the list of mounts. A mounted root stands in the dentry that it covers.
 */
#include "fs/mount.h"

#include "errno.h"
#include "fs/proc.h"
#include "memory.h"
#include "string.h"

static struct mount *mounts;

static struct inode *ram_root(void)
{
	return ram_inode(MODE_DIR | 0755, 0);
}

static const struct {
	const char *name;
	struct inode *(*make_root)(void);
	void (*fill)(struct dentry *root); /* NULL: it stays empty */
} types[] = {
	{"ramfs", ram_root, NULL},
	{"tmpfs", ram_root, NULL},
	{"devtmpfs", ram_root, device_nodes},
	{"proc", proc_root, NULL},
};

const struct mount *mount_first(void)
{
	return mounts;
}

static int find_type(const char *name)
{
	for (int i = 0; i < (int)(sizeof(types) / sizeof(types[0])); i++)
		if (strcmp(types[i].name, name) == 0)
			return i;
	return -ENODEV;
}

static struct dentry *make_root(struct dentry *where, int type)
{
	static uint32_t last_dev;
	struct dentry *root = dentry_create(where, "", 0, types[type].make_root());

	if (!root)
		return NULL;
	root->is_root = true;
	root->inode->links = 2;
	root->inode->dev = ++last_dev;
	return root;
}

static void append(struct mount *mount)
{
	struct mount **link = &mounts;

	while (*link)
		link = &(*link)->next;
	*link = mount;
}

int mount_add(struct dentry *where, const char *name, const char *source)
{
	int type = find_type(name);
	struct mount *mount;

	if (type < 0)
		return type;
	if (where && (where->inode->mode & MODE_TYPE) != MODE_DIR)
		return -ENOTDIR;
	if (where ? !where->parent || where->mounted : mounts != NULL)
		return -EBUSY;
	mount = kzalloc(sizeof(*mount), "mount");
	if (!mount)
		return -ENOMEM;
	mount->root = make_root(where, type);
	if (!mount->root) {
		kfree(mount);
		return -ENOMEM;
	}
	mount->type = types[type].name;
	memcpy(mount->source, source, strnlen(source, sizeof(mount->source) - 1));
	append(mount);
	if (where)
		where->mounted = mount->root;
	if (types[type].fill)
		types[type].fill(mount->root);
	return 0;
}

/* Its entries hold a root, and so do the list and the caller. */
static bool is_busy(const struct dentry *root)
{
	unsigned expected = 2;

	for (const struct dentry *at = root->children; at; at = at->next)
		expected++;
	return root->refs > expected;
}

static void take_away(struct mount **link)
{
	struct mount *mount = *link;

	*link = mount->next;
	if (mount->root->parent)
		mount->root->parent->mounted = NULL;
	dentry_prune(mount->root);
	dentry_put(mount->root);
	kfree(mount);
}

int mount_remove(struct dentry *root)
{
	struct mount **link = &mounts;
	int error = -EINVAL;

	while (*link && (*link)->root != root)
		link = &(*link)->next;
	if (*link)
		error = link == &mounts || is_busy(root) ? -EBUSY : 0;
	if (!error)
		take_away(link);
	return error;
}

void mount_remove_all(void)
{
	while (mounts) {
		struct mount **last = &mounts;

		while ((*last)->next)
			last = &(*last)->next;
		take_away(last);
	}
}
