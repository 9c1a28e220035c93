/* SPDX-License-Identifier: MIT */
/*
 * device_nodes.c: the names in /dev.
 */
#include "fs/mount.h"
#include "string.h"

static const struct {
	const char *name;
	uint32_t mode;
	uint8_t major, minor;
} nodes[] = {
	{"null", MODE_CHAR | 0666, 1, 3},
	{"zero", MODE_CHAR | 0666, 1, 5},
	{"full", MODE_CHAR | 0666, 1, 7},
	{"random", MODE_CHAR | 0666, 1, 8},
	{"urandom", MODE_CHAR | 0666, 1, 9},
	{"tty", MODE_CHAR | 0666, 5, 0},
	{"console", MODE_CHAR | 0600, 5, 1},
	{"shm", MODE_DIR | MODE_STICKY | 0777, 0, 0},
};

static const struct {
	const char *name, *target;
} links[] = {
	{"fd", "/proc/self/fd"},
	{"stdin", "/proc/self/fd/0"},
	{"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},
};

/* The inode is not needed where the name exists already. */
static void add_node(struct dentry *dev, const char *name, struct inode *inode)
{
	if (!inode || dentry_find(dev, name, strlen(name)))
		inode_put(inode);
	else
		ram_add_in_place(dev, name, strlen(name), inode, NULL);
}

void device_nodes(struct dentry *dev)
{
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		add_node(dev, nodes[i].name,
			ram_inode(nodes[i].mode, abi_dev(nodes[i].major, nodes[i].minor)));
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		add_node(dev, links[i].name,
			ram_symlink(links[i].target, strlen(links[i].target), true));
}
