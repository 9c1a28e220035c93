/* SPDX-License-Identifier: MIT */
/*
 * vfs.h: what file systems, devices and pipes share: inodes, their names in one tree of dentries,
 * and open files. There is one CPU and the kernel is not preempted, so nothing here is locked; what
 * may have changed after a sleep is looked at again.
 *
 * Functions that fail return a negated errno.
 */
#ifndef FS_VFS_H
#define FS_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fs/abi.h"
#include "wait.h"

#define NAME_MAX_LENGTH 255
#define PATH_MAX_SIZE   4096 /* with NUL */

struct dentry;
struct epoll_item;
struct file;
struct inode;
struct inode_locks;
struct io;

/* Who looks into poll() of a file: it enters the queue that it is to be woken by. NULL: just ask.
 */
struct poll_table {
	struct wait_entry *entry;
	bool queued;                              /* one queue a file */
	void (*notify)(struct wait_entry *entry); /* NULL: the current thread waits */
};
void poll_wait(struct poll_table *table, struct wait_queue *queue);

/* Sleeps until the queue is woken: 0, or why not (-EAGAIN: the file does not wait). */
int wait_for_file(const struct file *file, struct wait_queue *queue);

/* What is ready now (POLL_*). */
unsigned file_poll(struct file *file, struct poll_table *table);

/* What an open file can do; NULL: it cannot. */
struct file_ops {
	int (*open)(struct file *file);
	void (*release)(struct file *file);
	int64_t (*read)(struct file *file, struct io *io, uint64_t offset);
	int64_t (*write)(struct file *file, struct io *io, uint64_t offset);
	int64_t (*ioctl)(struct file *file, unsigned request, uintptr_t argument);
	unsigned (*poll)(struct file *file, struct poll_table *table); /* POLL*; NULL: always */
	/* Entry number `position`, from 2 on ("." and ".." are 0 and 1); held. 0: end. */
	int (*entry)(struct file *file, uint64_t *position, struct dentry **entry);
};

/* What a file system does beside what all do. */
struct inode_ops {
	/* A name that the tree does not hold: makes a dentry, held by the caller. NULL: there are
	 * none. */
	int (*lookup)(struct dentry *dir, const char *name, size_t n, struct dentry **out);
	/* Target of a symbolic link: its length, cut to size. */
	int64_t (*readlink)(struct inode *inode, char *to, size_t size);
	/* Where a symbolic link leads that goes by no path; held. NULL: its target is a path, or
	 * (with follow) it leads nowhere any more. */
	struct dentry *(*follow)(struct inode *inode);
	/* Before size goes down or up. */
	int (*truncate)(struct inode *inode, uint64_t size);
	void (*destroy)(struct inode *inode);
	bool read_only;
};

struct inode {
	unsigned refs; /* dentries and those who ask */
	uint32_t mode, uid, gid, links;
	uint32_t dev;
	int writers; /* open files that write to it; below 0: so many programs that run from it */
	bool more_names; /* initrd_finish() makes them */
	uint64_t number, rdev, size;
	uint64_t accessed, modified, changed; /* ns since 1970 */
	const struct inode_ops *ops;
	const struct file_ops *file_ops;
	/* The contents of a RAM file: pages that have been written, and below them the initial RAM
	 * disk's bytes, used in place. */
	uint64_t *pages;     /* physical addresses, 0: none */
	uint64_t page_slots; /* length of pages */
	uint64_t first_page; /* below it pages has none */
	const uint8_t *image;
	uint64_t image_size;
	void *data; /* for ops */
	uint64_t data2;
	struct inode_locks *locks; /* NULL: nobody has had one (lock.h) */
	unsigned seals;            /* of a memfd: what may not be done to it any more (SEAL_*) */
};

#define SEAL_SEAL   1u
#define SEAL_SHRINK 2u
#define SEAL_GROW   4u
#define SEAL_WRITE  8u
#define SEALS       (SEAL_SEAL | SEAL_SHRINK | SEAL_GROW | SEAL_WRITE)

/* A name in a directory. The tree holds those of RAM file systems; others live while held. */
struct dentry {
	struct dentry *parent; /* held; of a file system's root: where it is mounted */
	struct dentry *next, *children, *last_child, *hash_next;
	struct dentry *mounted; /* root of what is mounted here */
	struct inode *inode;    /* held */
	unsigned refs;
	uint32_t hash; /* of name and parent */
	bool in_tree, is_root;
	bool more_names;   /* below it: initrd_finish() makes them */
	uint64_t position; /* in its directory, from 2 on */
	uint64_t next_position;
	uint16_t length;
	bool owns_name;
	const char *name; /* no NUL at its end */
};

struct file {
	unsigned refs;
	unsigned flags; /* O_* that fcntl tells */
	bool seekable;
	bool writes;   /* counted in its inode's `writers` */
	bool executes; /* counted there against those */
	uint64_t offset;
	struct dentry *dentry; /* held */
	struct inode *inode;   /* of dentry */
	const struct file_ops *ops;
	void *data;
	struct epoll_item *watchers; /* of epoll */
};

/* Where bytes come from or go to. */
struct io {
	bool kernel; /* address is the kernel's own */
	uintptr_t address;
	size_t left;
	/* NULL: all lies at the address. Else so much does (0: nothing), the next in vectors[0]. */
	const struct abi_iovec *vectors;
	size_t piece;
};

static inline struct io io_of_kernel(const void *address, size_t n)
{
	return (struct io){.kernel = true, .address = (uintptr_t)address, .left = n};
}

static inline struct io io_of_program(uintptr_t address, size_t n)
{
	return (struct io){.address = address, .left = n};
}

/* The first of n bytes that lie side by side; at least 1. */
size_t io_stretch(struct io *io, size_t n);

/* Moves n bytes (at most left) and advances: 0, or -EFAULT, and nothing has advanced. */
int io_put(struct io *io, const void *from, size_t n);
int io_get(struct io *io, void *to, size_t n);
int io_zero(struct io *io, size_t n);

uint64_t fs_now(void); /* ns since 1970 */

/* Inodes. The caller holds a new one; NULL: no memory. */
struct inode *inode_create(
	uint32_t mode, const struct inode_ops *ops, const struct file_ops *file_ops);
void inode_get(struct inode *inode);
void inode_put(struct inode *inode);
/* Whether the current process may: mask of MAY_*. 0 or -EACCES. */
#define MAY_EXEC  1
#define MAY_WRITE 2
#define MAY_READ  4
int inode_may(const struct inode *inode, unsigned mask);
void inode_touch(struct inode *inode); /* modified now */
int inode_truncate(struct inode *inode, uint64_t size);

/* Dentries. dentry_create() takes over the caller's hold of inode, also when it fails; the name
 * outlives the dentry, or dentry_own_name() copies it: 0 or -ENOMEM. */
struct dentry *dentry_create(
	struct dentry *parent, const char *name, size_t n, struct inode *inode);
int dentry_own_name(struct dentry *dentry);
void dentry_get(struct dentry *dentry);
void dentry_put(struct dentry *dentry);
/* Into its directory, and out of it; the tree's hold of it comes and goes. */
void dentry_link(struct dentry *dentry);
void dentry_unlink(struct dentry *dentry);
/* One more name, which stays where it lies, for an inode that is no directory: 0, -EEXIST or
 * -ENOSPC. All in one, for the hundreds of names that one program can have. */
int dentry_add(struct dentry *dir, const char *name, size_t n, struct inode *inode);
/* From its directory into another, under a name that dentry_create() would take. */
void dentry_move(struct dentry *dentry, struct dentry *dir, const char *name, size_t n);
/* Whether `dir` is `dentry` or lies below it. */
bool dentry_is_below(const struct dentry *dir, const struct dentry *dentry);
/* In the tree, not held; NULL: none. */
struct dentry *dentry_find(const struct dentry *dir, const char *name, size_t n);
/* The absolute path as seen from `root`: length as snprintf; names what was unlinked so. */
size_t dentry_path(const struct dentry *dentry, const struct dentry *root, char *to, size_t size);
/* The same for /proc; what never had a path has its name, as "pipe:[5]". */
size_t dentry_show(const struct dentry *dentry, const struct dentry *root, char *to, size_t size);
/* Unlinks everything below and including it. */
void dentry_prune(struct dentry *dentry);

/* fcntl's calls on seals (memfd.c): F_GET_SEALS and F_ADD_SEALS. */
int64_t seals_of(const struct file *file);
int64_t seals_add(struct file *file, uint64_t seals);

/* Opens a dentry (held anew). */
int file_create(struct dentry *dentry, unsigned flags, struct file **out);

/* Opens an inode that has no name in the tree; `name`, a literal, is what /proc shows. The inode is
 * taken over, also when it fails; NULL is -ENOMEM. The second one gives a descriptor (flags:
 * OPEN_CLOEXEC and OPEN_NONBLOCK). */
int file_create_nameless(const char *name, struct inode *inode, unsigned flags, struct file **out);
int descriptor_create_nameless(const char *name, struct inode *inode, unsigned flags);

/* An inode for that, with `size` zero bytes of data, which `ops` give back (inode_free_data()
 * does); NULL: no memory. */
struct inode *inode_create_nameless(
	size_t size, const struct inode_ops *ops, const struct file_ops *file_ops);
void inode_free_data(struct inode *inode);

/* The RAM file system. What takes over an inode does so also when it fails. */
extern const struct file_ops ram_file_ops, ram_directory_ops;
extern const struct inode_ops ram_inode_ops;
struct inode *ram_inode(uint32_t mode, uint64_t rdev);
struct inode *ram_symlink(const char *target, size_t n, bool in_place);
/* As file_page() and file_pages_in_place(). */
uint64_t ram_page(struct inode *inode, uint64_t index, bool shared);
unsigned ram_pages_in_place(struct inode *inode, uint64_t index, unsigned n, uint64_t *phys);
/* A new name for an inode, taken over: 0 or -ENOSPC. *out, which may be NULL, is held by the tree
 * only. ram_add_in_place() leaves the name where it lies. */
int ram_add(
	struct dentry *dir, const char *name, size_t n, struct inode *inode, struct dentry **out);
int ram_add_in_place(
	struct dentry *dir, const char *name, size_t n, struct inode *inode, struct dentry **out);
void ram_remove(struct dentry *dentry);
int ram_move(struct dentry *dentry, struct dentry *dir, const char *name, size_t n);

/* What opens a device node: NULL: no such device. */
const struct file_ops *device_ops(uint32_t mode, uint64_t rdev);

#endif
