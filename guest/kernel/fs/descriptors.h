/* SPDX-License-Identifier: MIT */
/*
 * descriptors.h: the descriptors of a process, and what its system calls share.
 */
#ifndef FS_DESCRIPTORS_H
#define FS_DESCRIPTORS_H

#include "fs/files.h"
#include "fs/vfs.h"
#include "fs/walk.h"

#define DESCRIPTORS 1024

struct files {
	unsigned users;
	unsigned slots;      /* length of the arrays */
	unsigned lowest;     /* none below is free */
	struct file **table; /* NULL: free */
	uint8_t *cloexec;
};

/* The current process's file, not held: NULL, there is none. */
struct file *descriptor_file(int fd);

/* Whether the current process may have one more. */
bool descriptor_left(void);

/* Whether the current process has a descriptor of the file. */
bool descriptor_has(const struct file *file);

/* The lowest free descriptor from `from` on takes over the caller's hold of the file: number,
 * -EMFILE or -ENOMEM (the hold stays the caller's). */
int descriptor_add(struct file *file, int from, bool cloexec);

/* The same, but on an error the hold is given up. */
int descriptor_give(struct file *file, int from, bool cloexec);

/* Numbers of descriptors are below this for the current process. */
unsigned descriptor_limit(void);

/* Closes what the number is, if anything: 0 or -EBADF. */
int descriptor_close(int fd);

/* Reads or writes an open file, which the caller holds, at an offset or at its own, which moves on:
 * bytes or a negated errno. As Linux, at most TRANSFER_MAX at once. */
#define OWN_OFFSET   UINT64_MAX
#define TRANSFER_MAX 0x7ffff000ul
int64_t file_transfer(struct file *file, struct io *io, bool write, uint64_t at);

/* The current process's context. */
struct fs_context *context_current(void);

/* A path from a program, copied, for path_free(); *start is held nowhere: it is the directory's of
 * `at`. 0 or negated errno. */
int path_from_user(uintptr_t address, char **out);

/* Walks from a program's path and directory descriptor; user_walk_done() later. */
struct user_walk {
	struct walk walk;
	char *path;
};
int user_walk(int at, uintptr_t path, unsigned flags, struct user_walk *out);
void user_walk_done(struct user_walk *walk);

/* A new name for an inode, taken over, as mknod makes it: 0, or a negated errno (-EEXIST). A NULL
 * inode is -ENOSPC. */
int name_inode(const char *path, struct inode *inode);

/* The inode, held, of a path, or of the descriptor `at` itself with AT_EMPTY in flags and an empty
 * path. 0 or negated errno. */
int inode_from_user(int at, uintptr_t path, unsigned flags, struct inode **out);

#endif
