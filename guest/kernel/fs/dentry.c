/* SPDX-License-Identifier: MIT */
/*
 * dentry.c: the tree of names. Those that the tree holds are found by a hash of name and directory;
 * a directory also has them in a list in the order of their making.
 */
#include "errno.h"
#include "format.h"
#include "fs/initrd.h"
#include "fs/vfs.h"
#include "memory.h"
#include "pool.h"
#include "string.h"

#define BUCKETS 1024

static struct dentry *buckets[BUCKETS];
static struct pool dentries = POOL(struct dentry, "names");

static inline uint32_t mix(uint32_t hash, uint32_t word)
{
	return (hash ^ word) * 0x9e3779b1u;
}

/* Four bytes at a time: every name of the initial RAM disk comes by here. */
static inline uint32_t name_hash(const struct dentry *dir, const char *name, size_t n)
{
	uint32_t hash = (uint32_t)((uintptr_t)dir >> 4), word;

	for (; n >= 4; n -= 4, name += 4) {
		__builtin_memcpy(&word, name, 4);
		hash = mix(hash, word);
	}
	if (n & 2) {
		hash = mix(hash, (uint8_t)name[0] | (uint32_t)(uint8_t)name[1] << 8);
		name += 2;
	}
	if (n & 1)
		hash = mix(hash, (uint8_t)*name);
	return hash ^ hash >> 15;
}

/* A new one. Its fields are set one by one, as clearing them all first would be dearer. */
static inline struct dentry *make(
	struct dentry *parent, const char *name, size_t n, uint32_t hash, struct inode *inode)
{
	struct dentry *dentry = pool_take(&dentries);

	if (!dentry)
		return NULL;
	dentry->parent = parent;
	dentry->next = dentry->children = dentry->last_child = dentry->hash_next = NULL;
	dentry->mounted = NULL;
	dentry->inode = inode;
	dentry->refs = 1;
	dentry->hash = hash;
	dentry->in_tree = dentry->is_root = dentry->owns_name = false;
	dentry->more_names = false;
	dentry->position = 0;
	dentry->next_position = 2;
	dentry->length = (uint16_t)n;
	dentry->name = name;
	if (parent)
		parent->refs++;
	return dentry;
}

struct dentry *dentry_create(struct dentry *parent, const char *name, size_t n, struct inode *inode)
{
	uint32_t hash = parent ? name_hash(parent, name, n) : 0;
	struct dentry *dentry = inode ? make(parent, name, n, hash, inode) : NULL;

	if (!dentry)
		inode_put(inode);
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

static inline void link_in(struct dentry *dentry, struct dentry *dir, struct dentry **bucket)
{
	dentry->in_tree = true;
	dentry->position = dir->next_position++;
	if (dir->last_child)
		dir->last_child->next = dentry;
	else
		dir->children = dentry;
	dir->last_child = dentry;
	dentry->hash_next = *bucket;
	*bucket = dentry;
}

void dentry_link(struct dentry *dentry)
{
	dentry_get(dentry);
	link_in(dentry, dentry->parent, &buckets[dentry->hash % BUCKETS]);
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
	dentry->next = NULL;
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

static inline struct dentry *find_in(
	struct dentry *bucket, const struct dentry *dir, const char *name, size_t n, uint32_t hash)
{
	while (bucket && (bucket->hash != hash || bucket->parent != dir || bucket->length != n ||
				 memcmp(bucket->name, name, n) != 0))
		bucket = bucket->hash_next;
	return bucket;
}

struct dentry *dentry_find(const struct dentry *dir, const char *name, size_t n)
{
	uint32_t hash = name_hash(dir, name, n);
	struct dentry *found = find_in(buckets[hash % BUCKETS], dir, name, n, hash);

	if (found || !dir->more_names)
		return found;
	initrd_finish();
	return find_in(buckets[hash % BUCKETS], dir, name, n, hash);
}

int dentry_add(struct dentry *dir, const char *name, size_t n, struct inode *inode)
{
	uint32_t hash = name_hash(dir, name, n);
	struct dentry **bucket = &buckets[hash % BUCKETS], *dentry;

	if (find_in(*bucket, dir, name, n, hash))
		return -EEXIST;
	dentry = make(dir, name, n, hash, inode);
	if (!dentry)
		return -ENOSPC;
	inode->refs++;
	inode->links++;
	link_in(dentry, dir, bucket);
	return 0;
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
	uint32_t type;

	if (dentry->parent || dentry->is_root)
		return dentry_path(dentry, root, to, size);
	type = dentry->inode->mode & MODE_TYPE;
	if (type == MODE_FIFO || type == MODE_SOCKET)
		return format_buffer(to, size, "%.*s[%llu]", dentry->length, dentry->name,
			(unsigned long long)dentry->inode->number);
	return format_buffer(to, size, "%.*s", dentry->length, dentry->name);
}
