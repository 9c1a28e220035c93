/* SPDX-License-Identifier: MIT */
/*
 * file_calls.c: system calls on open files that move no bytes: position, size, ioctl, locks, sync.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"

#define FALLOC_KEEP_SIZE 1

int64_t sys_lseek(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);
	int64_t base, to;

	if (!file)
		return -EBADF;
	if (!file->seekable)
		return -ESPIPE;
	switch (args->arg[2]) {
	case 0:
		base = 0;
		break;
	case 1:
		base = (int64_t)file->offset;
		break;
	case 2:
		base = (int64_t)file->inode->size;
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, (int64_t)args->arg[1], &to) || to < 0)
		return -EINVAL;
	file->offset = (uint64_t)to;
	return to;
}

int64_t sys_ioctl(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);
	int64_t result;

	if (!file)
		return -EBADF;
	if (!file->ops->ioctl)
		return -ENOTTY;
	file_acquire(file);
	result = file->ops->ioctl(file, (unsigned)args->arg[1], args->arg[2]);
	file_release(file);
	return result;
}

int64_t sys_ftruncate(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);

	if (!file)
		return -EBADF;
	if ((file->flags & OPEN_ACCESS) == OPEN_READ || (int64_t)args->arg[1] < 0)
		return -EINVAL;
	return inode_truncate(file->inode, args->arg[1]);
}

int64_t sys_fsync(struct syscall_args *args)
{
	return descriptor_file((int)args->arg[0]) ? 0 : -EBADF;
}

int64_t sys_sync(struct syscall_args *args)
{
	return 0;
}

/* Nothing is set aside: what is not written is zero. */
int64_t sys_fallocate(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);
	uint64_t end;

	if (!file || (file->flags & OPEN_ACCESS) == OPEN_READ)
		return -EBADF;
	if ((int64_t)args->arg[2] < 0 || (int64_t)args->arg[3] <= 0 ||
		__builtin_add_overflow(args->arg[2], args->arg[3], &end))
		return -EINVAL;
	if (args->arg[1] & ~(uint64_t)FALLOC_KEEP_SIZE)
		return -EOPNOTSUPP;
	if (args->arg[1] || end <= file->inode->size)
		return 0;
	return inode_truncate(file->inode, end);
}
