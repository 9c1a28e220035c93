/* SPDX-License-Identifier: MIT */
/*
 * initrd.c: the initial RAM disk becomes files. Names that make no sense (empty, ".", "..", below
 * what is no directory) are left out.
 */
#include "fs/initrd.h"

#include "errno.h"
#include "fs/cpio.h"
#include "fs/vfs.h"
#include "log.h"
#include "memory.h"
#include "string.h"

#define SHORT_NAME 24

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
	struct inode *linked; /* that of the last entry if it can have more names */
};

/* Further names of one file, in one directory, that nobody has asked for yet. */
struct later {
	struct unpack unpack;
	struct cpio_entry last; /* the entry before them */
	const uint8_t *archive;
	size_t offset, end; /* where they are; end 0: there are none */
};

static struct later later;

static bool is_bad_name(const char *name, size_t n)
{
	return !n || n > NAME_MAX_LENGTH || (n == 1 && name[0] == '.') ||
	       (n == 2 && name[0] == '.' && name[1] == '.') || strnlen(name, n) != n;
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
	inode->mode = cpio_field(entry, CPIO_MODE) & (MODE_TYPE | 07777);
	inode->uid = cpio_field(entry, CPIO_UID);
	inode->gid = cpio_field(entry, CPIO_GID);
	inode->accessed = inode->modified = inode->changed =
		cpio_field(entry, CPIO_MTIME) * 1000000000ull;
}

static struct inode *make_inode(const struct cpio_entry *entry)
{
	uint32_t mode = cpio_field(entry, CPIO_MODE);
	struct inode *inode;

	switch (mode & MODE_TYPE) {
	case MODE_SYMLINK:
		inode = ram_symlink((const char *)entry->data, entry->size, true);
		break;
	case MODE_REGULAR:
		inode = ram_inode(mode, 0);
		break;
	case MODE_DIR:
	case MODE_FIFO:
		inode = ram_inode(mode, 0);
		break;
	case MODE_CHAR:
	case MODE_BLOCK:
		inode = ram_inode(mode,
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
	if ((inode->mode & MODE_TYPE) != MODE_REGULAR || !entry->size)
		return;
	inode->image = entry->data;
	inode->image_size = inode->size = entry->size;
}

/* The last bytes, at most eight, of a name of the archive: a header lies before it. */
static inline uint64_t last_bytes(const char *end, size_t n)
{
	uint64_t word;

	__builtin_memcpy(&word, end - 8, 8);
	return word >> (64 - 8 * n);
}

/* Neither NUL nor slash among n bytes, 1 to 8. */
static inline bool is_plain(uint64_t word, size_t n)
{
	const uint64_t ones = 0x0101010101010101, highs = ones << 7;
	uint64_t slash = word ^ ones * '/';

	/* A byte is zero when subtracting 1 sets its highest bit, or that of one before it. */
	return !((((word - ones) & ~word) | ((slash - ones) & ~slash)) & highs >> (64 - 8 * n));
}

/* Whether a path leads to the directory of the last entry, and on by a short plain name. */
static inline bool is_beside(const struct unpack *unpack, const struct cpio_entry *entry)
{
	size_t dir = unpack->dir_length, n = entry->length - dir - 1;
	const char *name = entry->name + dir + 1;

	return entry->length > dir && dir - 1 < 8 && n - 1 < SHORT_NAME && name[-1] == '/' &&
	       name[0] != '.' &&
	       last_bytes(name - 1, dir) == last_bytes(unpack->dir_name + dir, dir) &&
	       is_plain(last_bytes(name + n, n < 8 ? n : 8), n < 8 ? n : 8) &&
	       (n <= 8 || is_plain(last_bytes(name + 8, 8), 8)) &&
	       (n <= 16 || is_plain(last_bytes(name + 16, 8), 8));
}

static struct inode *first_name(struct unpack *unpack, const struct cpio_entry *entry, bool linked)
{
	struct inode *inode = make_inode(entry);

	if (inode && linked)
		remember_link(unpack, entry, inode);
	return inode;
}

static int add_entry(struct unpack *unpack, const struct cpio_entry *entry)
{
	const char *name = entry->name + entry->length;
	uint32_t mode = cpio_field(entry, CPIO_MODE);
	size_t n, dir_length;
	bool linked = (mode & MODE_TYPE) == MODE_REGULAR && cpio_field(entry, CPIO_LINKS) > 1;
	struct inode *inode = linked ? linked_inode(unpack, entry) : NULL;
	struct dentry *dir, *old;
	int error;

	while (name > entry->name && name[-1] != '/')
		name--;
	n = entry->length - (size_t)(name - entry->name);
	dir_length = entry->length - n;
	dir = directory(unpack, entry->name, dir_length ? dir_length - 1 : 0);
	if (!dir || is_bad_name(name, n))
		return 0;
	old = dentry_find(dir, name, n);
	if (old) { /* only directories may come twice: they may have been made in passing */
		if ((old->inode->mode & mode & MODE_TYPE) == MODE_DIR)
			set_owner(old->inode, entry);
		return 0;
	}
	if (inode)
		inode_get(inode);
	else
		inode = first_name(unpack, entry, linked);
	if (!inode)
		return 0;
	set_contents(inode, entry);
	error = ram_add_in_place(dir, name, n, inode, NULL);
	if (linked && !error)
		unpack->linked = inode;
	return error;
}

/* One more name, beside the last one, for the file of the last entry. */
static inline int add_beside(struct unpack *unpack, const struct cpio_entry *entry)
{
	size_t dir = unpack->dir_length + 1;
	int error = dentry_add(unpack->dir, entry->name + dir, entry->length - dir, unpack->linked);

	return error == -EEXIST ? 0 : error;
}

/*
 * The first of a run of such names can tell how many bytes they are (tools/mkinitrd.c): then all of
 * them wait until somebody asks. What it tells need not be true: what is no such name is left out
 * in the end, and behind the run an entry has to begin.
 */
static bool put_off(struct unpack *unpack, const uint8_t *archive, size_t size, size_t start,
	size_t *offset, const struct cpio_entry *last, const struct cpio_entry *entry)
{
	size_t bytes = cpio_field(entry, CPIO_CHECK);

	if (!bytes || later.end || bytes > size - start || start + bytes <= *offset ||
		!cpio_begins(archive, size, start + bytes))
		return false;
	later = (struct later){*unpack, *last, archive, start, start + bytes};
	*offset = start + bytes;
	return true;
}

void initrd_finish(void)
{
	struct later names = later;
	int error = 0;

	if (!names.end)
		return;
	later.end = 0;
	names.unpack.dir->more_names = names.unpack.linked->more_names = false;
	while (!error && cpio_next_name(names.archive, names.end, &names.offset, &names.last)) {
		if (is_beside(&names.unpack, &names.last))
			error = add_beside(&names.unpack, &names.last);
	}
	if (error)
		log_error("fs: no memory for all of the initial RAM disk\n");
}

/* One more name for the file of the last entry. */
static inline int add_name(struct unpack *unpack, const struct cpio_entry *entry)
{
	return is_beside(unpack, entry) ? add_beside(unpack, entry) : add_entry(unpack, entry);
}

int initrd_unpack(struct dentry *root, const uint8_t *archive, size_t size)
{
	struct unpack unpack = {.root = root};
	struct cpio_entry entry = {0}, last;
	size_t offset = 0, start;
	int count = 0, result = 0;

	later.end = 0;
	for (; !result; count++) {
		last = entry;
		start = offset;
		if (unpack.linked && cpio_next_name(archive, size, &offset, &entry)) {
			if (!is_beside(&unpack, &entry) ||
				!put_off(&unpack, archive, size, start, &offset, &last, &entry))
				result = add_name(&unpack, &entry);
			continue;
		}
		unpack.linked = NULL;
		result = cpio_next(archive, size, &offset, &entry);
		if (result <= 0)
			break;
		result = add_entry(&unpack, &entry);
	}
	/* Not before: to look for a name would end the waiting. */
	if (later.end)
		later.unpack.dir->more_names = later.unpack.linked->more_names = true;
	while (unpack.links) {
		struct hard_link *next = unpack.links->next;

		kfree(unpack.links);
		unpack.links = next;
	}
	return result < 0 ? result : count;
}
