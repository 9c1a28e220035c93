/* SPDX-License-Identifier: MIT */
/*
 * initrd.c: the initial RAM disk becomes files. Names that make no sense (empty, ".", "..", below
 * what is no directory) are left out.
 */
#include "fs/initrd.h"

#include "errno.h"
#include "fs/cpio.h"
#include "fs/vfs.h"
#include "memory.h"
#include "string.h"

/* Hard links: the archive gives them as entries of one number, the last of which has the data. */
struct hard_link {
	struct hard_link *next;
	uint32_t number, major, minor;
	struct inode *inode; /* held by its names */
};

struct unpack {
	struct dentry *root;
	struct dentry *dir; /* where the last entry was: the next one is mostly there too */
	const char *dir_name;
	size_t dir_length;
	struct hard_link *links;
};

static bool is_bad_name(const char *name, size_t n)
{
	return !n || n > NAME_MAX_LENGTH || (n == 1 && name[0] == '.') ||
	       (n == 2 && name[0] == '.' && name[1] == '.');
}

/* The directory of that path, made where it is missing; NULL: there cannot be one. */
static struct dentry *directory(struct unpack *unpack, const char *path, size_t n)
{
	struct dentry *at = unpack->root;

	if (unpack->dir && n == unpack->dir_length && memcmp(path, unpack->dir_name, n) == 0)
		return unpack->dir;
	for (size_t start = 0, end; start < n; start = end + 1) {
		struct dentry *next;

		for (end = start; end < n && path[end] != '/';)
			end++;
		if (end == start)
			continue;
		if (is_bad_name(path + start, end - start))
			return NULL;
		next = dentry_find(at, path + start, end - start);
		if (!next && ram_add_in_place(at, path + start, end - start,
				     ram_inode(MODE_DIR | 0755, 0), &next))
			return NULL;
		if ((next->inode->mode & MODE_TYPE) != MODE_DIR)
			return NULL;
		at = next;
	}
	unpack->dir = at;
	unpack->dir_name = path;
	unpack->dir_length = n;
	return at;
}

static struct inode *linked_inode(struct unpack *unpack, const struct cpio_entry *entry)
{
	uint32_t number = cpio_field(entry, CPIO_INODE);
	uint32_t major = cpio_field(entry, CPIO_DEV_MAJOR);
	uint32_t minor = cpio_field(entry, CPIO_DEV_MINOR);

	for (struct hard_link *link = unpack->links; link; link = link->next)
		if (link->number == number && link->major == major && link->minor == minor)
			return link->inode;
	return NULL;
}

static void remember_link(
	struct unpack *unpack, const struct cpio_entry *entry, struct inode *inode)
{
	struct hard_link *link = kmalloc(sizeof(*link), "hard link");

	if (!link)
		return;
	*link = (struct hard_link){unpack->links, cpio_field(entry, CPIO_INODE),
		cpio_field(entry, CPIO_DEV_MAJOR), cpio_field(entry, CPIO_DEV_MINOR), inode};
	unpack->links = link;
}

static void set_owner(struct inode *inode, const struct cpio_entry *entry)
{
	inode->mode = entry->mode & (MODE_TYPE | 07777);
	inode->uid = cpio_field(entry, CPIO_UID);
	inode->gid = cpio_field(entry, CPIO_GID);
	inode->accessed = inode->modified = inode->changed =
		cpio_field(entry, CPIO_MTIME) * 1000000000ull;
}

static struct inode *make_inode(const struct cpio_entry *entry)
{
	struct inode *inode;

	switch (entry->mode & MODE_TYPE) {
	case MODE_SYMLINK:
		inode = ram_symlink((const char *)entry->data, entry->size, true);
		break;
	case MODE_REGULAR:
		inode = ram_inode(entry->mode, 0);
		break;
	case MODE_DIR:
	case MODE_FIFO:
		inode = ram_inode(entry->mode, 0);
		break;
	case MODE_CHAR:
	case MODE_BLOCK:
		inode = ram_inode(entry->mode,
			abi_dev(cpio_field(entry, CPIO_MAJOR), cpio_field(entry, CPIO_MINOR)));
		break;
	default:
		return NULL;
	}
	if (inode)
		set_owner(inode, entry);
	return inode;
}

static void set_contents(struct inode *inode, const struct cpio_entry *entry)
{
	if ((entry->mode & MODE_TYPE) != MODE_REGULAR || !entry->size)
		return;
	inode->image = entry->data;
	inode->image_size = inode->size = entry->size;
}

static int add_entry(struct unpack *unpack, const struct cpio_entry *entry)
{
	const char *name = entry->name + entry->length;
	size_t n, dir_length;
	bool linked = entry->links > 1 && (entry->mode & MODE_TYPE) == MODE_REGULAR;
	struct inode *inode = linked ? linked_inode(unpack, entry) : NULL;
	struct dentry *dir, *old;

	while (name > entry->name && name[-1] != '/')
		name--;
	n = entry->length - (size_t)(name - entry->name);
	dir_length = entry->length - n;
	dir = directory(unpack, entry->name, dir_length ? dir_length - 1 : 0);
	if (!dir || is_bad_name(name, n))
		return 0;
	old = dentry_find(dir, name, n);
	if (old) { /* only directories may come twice: they may have been made in passing */
		if ((old->inode->mode & entry->mode & MODE_TYPE) == MODE_DIR)
			set_owner(old->inode, entry);
		return 0;
	}
	if (inode) {
		inode_get(inode);
	} else {
		inode = make_inode(entry);
		if (!inode)
			return 0;
		if (linked)
			remember_link(unpack, entry, inode);
	}
	set_contents(inode, entry);
	return ram_add_in_place(dir, name, n, inode, NULL);
}

int initrd_unpack(struct dentry *root, const uint8_t *archive, size_t size)
{
	struct unpack unpack = {.root = root};
	struct cpio_entry entry;
	size_t offset = 0;
	int count = 0, result = 0;

	while (!result && (result = cpio_next(archive, size, &offset, &entry)) > 0) {
		result = add_entry(&unpack, &entry);
		count++;
	}
	while (unpack.links) {
		struct hard_link *next = unpack.links->next;

		kfree(unpack.links);
		unpack.links = next;
	}
	return result < 0 ? result : count;
}
