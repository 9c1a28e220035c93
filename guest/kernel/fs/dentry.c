/* SPDX-License-Identifier: MIT */
/*
 * dentry.c: the tree of names. Those that the tree holds are found by a hash of name and directory;
 * a directory also has them in a list in the order of their making.
 */
#include "errno.h"
#include "format.h"
#include "fs/vfs.h"
#include "memory.h"
#include "pool.h"
#include "string.h"

#define BUCKETS 1024

static struct dentry *buckets[BUCKETS];
static struct pool dentries = POOL(struct dentry, "names");

/* Four bytes at a time: every name of the initial RAM disk comes by here. */
static uint32_t name_hash(const struct dentry *dir, const char *name, size_t n)
{
	uint32_t hash = (uint32_t)((uintptr_t)dir >> 4), word;

	for (; n >= sizeof(word); n -= sizeof(word), name += sizeof(word)) {
		__builtin_memcpy(&word, name, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b1u;
	}
	for (; n; n--, name++)
		hash = (hash ^ (uint8_t)*name) * 0x9e3779b1u;
	return hash ^ hash >> 15;
}

struct dentry *dentry_create(struct dentry *parent, const char *name, size_t n, struct inode *inode)
{
	struct dentry *dentry = inode ? pool_alloc(&dentries) : NULL;

	if (!dentry) {
		inode_put(inode);
		return NULL;
	}
	dentry->refs = 1;
	dentry->parent = parent;
	dentry->inode = inode;
	dentry->length = (uint16_t)n;
	dentry->next_position = 2;
	dentry->name = name;
	if (parent) {
		dentry_get(parent);
		dentry->hash = name_hash(parent, name, n);
	}
	return dentry;
}

int dentry_own_name(struct dentry *dentry)
{
	char *name = kmalloc(dentry->length, "file name");

	if (!name)
		return -ENOMEM;
	memcpy(name, dentry->name, dentry->length);
	dentry->name = name;
	dentry->owns_name = true;
	return 0;
}

static void forget_name(struct dentry *dentry)
{
	if (dentry->owns_name)
		kfree((char *)dentry->name);
	dentry->owns_name = false;
}

void dentry_get(struct dentry *dentry)
{
	dentry->refs++;
}

void dentry_put(struct dentry *dentry)
{
	while (dentry && --dentry->refs == 0) {
		struct dentry *parent = dentry->parent;

		inode_put(dentry->inode);
		forget_name(dentry);
		pool_free(&dentries, dentry);
		dentry = parent;
	}
}

void dentries_drain(void)
{
	pool_drain(&dentries);
}

void dentry_link(struct dentry *dentry)
{
	struct dentry *dir = dentry->parent, **bucket = &buckets[dentry->hash % BUCKETS];

	dentry_get(dentry);
	dentry->in_tree = true;
	dentry->position = dir->next_position++;
	dentry->next = NULL;
	if (dir->last_child)
		dir->last_child->next = dentry;
	else
		dir->children = dentry;
	dir->last_child = dentry;
	dentry->hash_next = *bucket;
	*bucket = dentry;
}

void dentry_unlink(struct dentry *dentry)
{
	struct dentry *dir = dentry->parent, *before = NULL, **link;

	for (link = &dir->children; *link != dentry; link = &(*link)->next)
		before = *link;
	*link = dentry->next;
	if (dir->last_child == dentry)
		dir->last_child = before;
	for (link = &buckets[dentry->hash % BUCKETS]; *link != dentry; link = &(*link)->hash_next)
		;
	*link = dentry->hash_next;
	dentry->in_tree = false;
	dentry_put(dentry);
}

void dentry_move(struct dentry *dentry, struct dentry *dir, const char *name, size_t n)
{
	struct dentry *from = dentry->parent;

	dentry_get(dentry);
	dentry_unlink(dentry);
	forget_name(dentry);
	dentry_get(dir);
	dentry->parent = dir;
	dentry_put(from);
	dentry->name = name;
	dentry->length = (uint16_t)n;
	dentry->hash = name_hash(dir, name, n);
	dentry_link(dentry);
	dentry_put(dentry);
}

bool dentry_is_below(const struct dentry *dir, const struct dentry *dentry)
{
	while (dir && dir != dentry)
		dir = dir->parent;
	return dir;
}

struct dentry *dentry_find(const struct dentry *dir, const char *name, size_t n)
{
	uint32_t hash = name_hash(dir, name, n);
	struct dentry *dentry = buckets[hash % BUCKETS];

	while (dentry && (dentry->hash != hash || dentry->parent != dir || dentry->length != n ||
				 memcmp(dentry->name, name, n) != 0))
		dentry = dentry->hash_next;
	return dentry;
}

void dentry_prune(struct dentry *dentry)
{
	struct dentry *at = dentry;

	for (;;) {
		struct dentry *up = at->parent;

		if (at->children) {
			at = at->children;
			continue;
		}
		if (at == dentry)
			break;
		dentry_unlink(at);
		at = up;
	}
	if (dentry->in_tree)
		dentry_unlink(dentry);
}

/* Writes backwards what fits into the end of the buffer; what does not is only counted. */
static void prepend(char *to, size_t size, size_t *used, const char *text, size_t n)
{
	while (n--) {
		if (*used + 1 < size)
			to[size - 2 - *used] = text[n];
		++*used;
	}
}

size_t dentry_path(const struct dentry *dentry, const struct dentry *root, char *to, size_t size)
{
	static const char deleted[] = " (deleted)";
	size_t used = 0;

	if (dentry->parent && !dentry->is_root && !dentry->in_tree && !dentry->inode->links)
		prepend(to, size, &used, deleted, sizeof(deleted) - 1);
	if (dentry == root || !dentry->parent)
		prepend(to, size, &used, "/", 1);
	for (; dentry != root && dentry->parent; dentry = dentry->parent) {
		if (dentry->is_root) /* the name is that of where it is mounted */
			continue;
		prepend(to, size, &used, dentry->name, dentry->length);
		prepend(to, size, &used, "/", 1);
	}
	if (size && used < size) {
		memmove(to, to + size - 1 - used, used);
		to[used] = '\0';
	}
	return used;
}

size_t dentry_show(const struct dentry *dentry, const struct dentry *root, char *to, size_t size)
{
	if (dentry->parent || dentry->is_root)
		return dentry_path(dentry, root, to, size);
	if ((dentry->inode->mode & MODE_TYPE) == MODE_REGULAR)
		return format_buffer(to, size, "%.*s", dentry->length, dentry->name);
	return format_buffer(to, size, "%.*s[%llu]", dentry->length, dentry->name,
		(unsigned long long)dentry->inode->number);
}
