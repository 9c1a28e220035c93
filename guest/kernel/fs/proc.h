/* SPDX-License-Identifier: MIT */
/*
 * proc.h: /proc: directories and files that come into being when somebody looks.
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "fs/vfs.h"

struct process;

/* Text that grows. */
struct proc_text {
	char *data;
	size_t used, size;
	bool failed; /* no memory: it is not complete */
};

void proc_print(struct proc_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void proc_bytes(struct proc_text *text, const char *bytes, size_t n);

/* A name in a directory of /proc. */
struct proc_node {
	const char *name;
	uint32_t mode;
	/* Of a file: what it says. process: whose directory it is in, or the current one. */
	void (*show)(struct proc_text *text, struct process *process);
	/* Of a symbolic link: where it leads, held, or NULL. */
	struct dentry *(*follow)(struct process *process, unsigned fd);
	/* Of a file: takes the first byte that is written to it. */
	void (*command)(char byte);
	bool threads; /* a directory that has one for each thread */
};

extern const struct proc_node proc_system_nodes[], proc_process_nodes[];
extern const unsigned proc_system_count, proc_process_count;

/* What /proc/mounts says. */
void proc_show_mounts(struct proc_text *text, struct process *process);

/* The inode of /proc itself; NULL: no memory. */
struct inode *proc_root(void);

#endif
