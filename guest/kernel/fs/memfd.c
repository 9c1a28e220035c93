/* SPDX-License-Identifier: MIT */
/*
 * memfd.c: files of the RAM file system that have no name in the tree, and seals.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/files.h"
#include "memory.h"
#include "mm.h"
#include "process.h"
#include "string.h"
#include "user.h"

#define MEMFD_CLOEXEC     1u
#define MEMFD_ALLOW_SEALS 2u
#define MEMFD_NAME_MAX    249
#define MEMFD_PREFIX      "/memfd:"
#define MEMFD_SUFFIX      " (deleted)"

/* What /proc/PID/fd and maps say; owned by the caller. 0 or a negated errno. */
static int read_name(uintptr_t from, char **out)
{
	const size_t prefix = sizeof(MEMFD_PREFIX) - 1;
	char *name = kmalloc(prefix + MEMFD_NAME_MAX + 1 + sizeof(MEMFD_SUFFIX), "memfd");
	int64_t n;

	if (!name)
		return -ENOMEM;
	memcpy(name, MEMFD_PREFIX, prefix);
	n = user_string(name + prefix, from, MEMFD_NAME_MAX + 1);
	if (n < 0) {
		kfree(name);
		return n == -EFAULT ? -EFAULT : -EINVAL;
	}
	memcpy(name + prefix + n, MEMFD_SUFFIX, sizeof(MEMFD_SUFFIX));
	*out = name;
	return 0;
}

static int open_nameless(const char *name, unsigned flags, struct file **out)
{
	struct inode *inode = ram_inode(MODE_REGULAR | 0777, 0);
	struct dentry *dentry = dentry_create(NULL, name, strlen(name), inode);
	int error;

	if (!dentry)
		return -ENOMEM;
	inode->uid = process_current()->credentials.euid;
	inode->gid = process_current()->credentials.egid;
	if (!(flags & MEMFD_ALLOW_SEALS))
		inode->seals = SEAL_SEAL;
	error = dentry_own_name(dentry);
	if (!error)
		error = file_create(dentry, OPEN_BOTH, out);
	dentry_put(dentry);
	return error;
}

int64_t sys_memfd_create(struct syscall_args *args)
{
	unsigned flags = (unsigned)args->arg[1];
	struct file *file;
	char *name;
	int error;

	if (flags & ~(MEMFD_CLOEXEC | MEMFD_ALLOW_SEALS))
		return -EINVAL;
	error = read_name(args->arg[0], &name);
	if (error)
		return error;
	error = open_nameless(name, flags, &file);
	kfree(name);
	return error ? error : descriptor_give(file, 0, flags & MEMFD_CLOEXEC);
}

static bool is_memfd(const struct file *file)
{
	return file->ops == &ram_file_ops && !file->dentry->parent;
}

/* Whether somebody has a mapping that may write to the file. */
static bool is_mapped_shared(const struct inode *inode)
{
	for (const struct process *p = process_after(0); p; p = p->next) {
		for (const struct area *area = p->mm ? p->mm->areas.first : NULL; area;
			area = area->next) {
			if (area->flags & AREA_SHARED && area->file && area->file->inode == inode)
				return true;
		}
	}
	return false;
}

int64_t seals_of(const struct file *file)
{
	return is_memfd(file) ? (int64_t)file->inode->seals : -EINVAL;
}

int64_t seals_add(struct file *file, uint64_t seals)
{
	if (!is_memfd(file) || seals & ~(uint64_t)SEALS)
		return -EINVAL;
	if (file->inode->seals & SEAL_SEAL || !file_is_writable(file))
		return -EPERM;
	if (seals & ~file->inode->seals & SEAL_WRITE && is_mapped_shared(file->inode))
		return -EBUSY;
	file->inode->seals |= (unsigned)seals;
	return 0;
}
