/* SPDX-License-Identifier: MIT */
/*
 * initrd.h: the initial RAM disk becomes files below a directory.
 */
#ifndef FS_INITRD_H
#define FS_INITRD_H

#include <stddef.h>
#include <stdint.h>

struct dentry;

/* Contents stay in the archive, which must live as long as the tree: entries made, or -EINVAL at
 * the first damaged one (those before it are there), or -ENOSPC. */
int initrd_unpack(struct dentry *root, const uint8_t *archive, size_t size);

/* Makes the names that were put off: those of an inode or in a directory with more_names. To be
 * called before it matters which names there are. */
void initrd_finish(void);

#endif
