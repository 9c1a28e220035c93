/* SPDX-License-Identifier: MIT */
/*
 * pipe.h: pipes, with names and without.
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "fs/vfs.h"

/* Two open files, the reading end first: 0 or -ENOMEM. flags: OPEN_NONBLOCK. */
int pipe_create(struct file **ends, unsigned flags);

/* What opens a node of type FIFO. */
extern const struct file_ops fifo_ops;

#endif
