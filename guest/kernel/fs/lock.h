/* SPDX-License-Identifier: MIT */
/*
 * lock.h: advisory locks on files: those of fcntl, of bytes, which belong to a table of descriptors
 * or (F_OFD_*) to an open file, and those of flock, of whole files.
 */
#ifndef FS_LOCK_H
#define FS_LOCK_H

#include "fs/vfs.h"

enum lock_type { LOCK_READ, LOCK_WRITE, LOCK_NONE }; /* F_RDLCK, F_WRLCK, F_UNLCK */
enum lock_kind { LOCK_OF_PROCESS, LOCK_OF_FILE, LOCK_WHOLE };

#define LOCK_END INT64_MAX

struct lock {
	struct lock *next; /* in order of owners, then of their bytes */
	enum lock_kind kind;
	enum lock_type type;
	const void *owner; /* struct files of a process, else struct file */
	int32_t pid;
	int64_t start, end; /* the last byte that is locked; LOCK_END: all that follow */
};

/* What keeps `wanted` from being granted now: NULL: nothing. */
const struct lock *lock_in_the_way(const struct inode *inode, const struct lock *wanted);

/* Takes, changes or (LOCK_NONE) gives back what the owner has of these bytes. 0, -EAGAIN or, if
 * `wait`, -EDEADLK or -ERESTARTSYS; -ENOLCK: no memory. */
int lock_apply(struct inode *inode, const struct lock *wanted, bool wait);

/* An owner goes, or closes the file. */
void locks_drop(struct inode *inode, const void *owner);

#endif
