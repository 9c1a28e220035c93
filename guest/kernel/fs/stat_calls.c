/* SPDX-License-Identifier: MIT */
/*
 * stat_calls.c: system calls that tell and change what is known of files.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/initrd.h"
#include "memory.h"
#include "process.h"
#include "user.h"

#define NS 1000000000ull

static int64_t put_stat(const struct inode *inode, uintptr_t to)
{
	struct abi_stat stat = {
		.dev = inode->dev,
		.ino = inode->number,
		.mode = inode->mode,
		.uid = inode->uid,
		.gid = inode->gid,
		.rdev = inode->rdev,
		.size = (int64_t)inode->size,
		.block_size = FRAME_SIZE,
		.blocks = (int64_t)((inode->size + FRAME_SIZE - 1) / FRAME_SIZE * 8),
		.atime = (int64_t)(inode->accessed / NS),
		.atime_ns = (int64_t)(inode->accessed % NS),
		.mtime = (int64_t)(inode->modified / NS),
		.mtime_ns = (int64_t)(inode->modified % NS),
		.ctime = (int64_t)(inode->changed / NS),
		.ctime_ns = (int64_t)(inode->changed % NS),
	};
	if (inode->more_names)
		initrd_finish();
	stat.nlink = inode->links;

	return user_write(to, &stat, sizeof(stat));
}

int inode_from_user(int at, uintptr_t path, unsigned flags, struct inode **out)
{
	struct user_walk walk;
	char first;
	int error;

	if (user_read(&first, path, 1))
		return -EFAULT;
	if (!first && (flags & AT_EMPTY)) {
		struct file *file = at == AT_CWD ? NULL : descriptor_file(at);

		if (!file && at != AT_CWD)
			return -EBADF;
		*out = file ? file->inode : context_current()->cwd->inode;
		inode_get(*out);
		return 0;
	}
	error = user_walk(at, path, flags & AT_NOFOLLOW ? WALK_NOFOLLOW : 0, &walk);
	if (error)
		return error;
	*out = walk.walk.dentry->inode;
	inode_get(*out);
	user_walk_done(&walk);
	return 0;
}

static int64_t stat_at(int at, uintptr_t path, uintptr_t to, unsigned flags)
{
	struct inode *inode;
	int64_t error = inode_from_user(at, path, flags, &inode);

	if (error)
		return error;
	error = put_stat(inode, to);
	inode_put(inode);
	return error;
}

int64_t sys_stat(struct syscall_args *args)
{
	return stat_at(AT_CWD, args->arg[0], args->arg[1], 0);
}

int64_t sys_lstat(struct syscall_args *args)
{
	return stat_at(AT_CWD, args->arg[0], args->arg[1], AT_NOFOLLOW);
}

int64_t sys_newfstatat(struct syscall_args *args)
{
	return stat_at((int)args->arg[0], args->arg[1], args->arg[2], (unsigned)args->arg[3]);
}

int64_t sys_fstat(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);

	return file ? put_stat(file->inode, args->arg[1]) : -EBADF;
}

static int64_t access_at(int at, uintptr_t path, unsigned mode)
{
	struct inode *inode;
	int64_t error;

	if (mode & ~7u)
		return -EINVAL;
	error = inode_from_user(at, path, 0, &inode);
	if (error)
		return error;
	error = mode ? inode_may(inode, mode) : 0;
	inode_put(inode);
	return error;
}

int64_t sys_access(struct syscall_args *args)
{
	return access_at(AT_CWD, args->arg[0], (unsigned)args->arg[1]);
}

int64_t sys_faccessat(struct syscall_args *args)
{
	return access_at((int)args->arg[0], args->arg[1], (unsigned)args->arg[2]);
}

static int change_mode(struct inode *inode, unsigned mode)
{
	uint32_t uid = process_current()->credentials.euid;

	if (uid && uid != inode->uid)
		return -EPERM;
	inode->mode = (inode->mode & MODE_TYPE) | (mode & 07777);
	inode->changed = fs_now();
	return 0;
}

static int64_t chmod_at(int at, uintptr_t path, unsigned mode)
{
	struct inode *inode;
	int error = inode_from_user(at, path, 0, &inode);

	if (error)
		return error;
	error = change_mode(inode, mode);
	inode_put(inode);
	return error;
}

int64_t sys_chmod(struct syscall_args *args)
{
	return chmod_at(AT_CWD, args->arg[0], (unsigned)args->arg[1]);
}

int64_t sys_fchmodat(struct syscall_args *args)
{
	return chmod_at((int)args->arg[0], args->arg[1], (unsigned)args->arg[2]);
}

int64_t sys_fchmod(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);

	return file ? change_mode(file->inode, (unsigned)args->arg[1]) : -EBADF;
}

static int change_owner(struct inode *inode, uint32_t uid, uint32_t gid)
{
	if (process_current()->credentials.euid)
		return -EPERM;
	if (uid != UINT32_MAX)
		inode->uid = uid;
	if (gid != UINT32_MAX)
		inode->gid = gid;
	inode->changed = fs_now();
	return 0;
}

static int64_t chown_at(int at, uintptr_t path, uint64_t uid, uint64_t gid, unsigned flags)
{
	struct inode *inode;
	int error = inode_from_user(at, path, flags, &inode);

	if (error)
		return error;
	error = change_owner(inode, (uint32_t)uid, (uint32_t)gid);
	inode_put(inode);
	return error;
}

int64_t sys_chown(struct syscall_args *args)
{
	return chown_at(AT_CWD, args->arg[0], args->arg[1], args->arg[2], 0);
}

int64_t sys_lchown(struct syscall_args *args)
{
	return chown_at(AT_CWD, args->arg[0], args->arg[1], args->arg[2], AT_NOFOLLOW);
}

int64_t sys_fchownat(struct syscall_args *args)
{
	return chown_at((int)args->arg[0], args->arg[1], args->arg[2], args->arg[3],
		(unsigned)args->arg[4]);
}

int64_t sys_fchown(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);

	return file ? change_owner(file->inode, (uint32_t)args->arg[1], (uint32_t)args->arg[2])
	            : -EBADF;
}

int64_t sys_truncate(struct syscall_args *args)
{
	struct inode *inode;
	int error;

	if ((int64_t)args->arg[1] < 0)
		return -EINVAL;
	error = inode_from_user(AT_CWD, args->arg[0], 0, &inode);
	if (error)
		return error;
	error = inode_may(inode, MAY_WRITE);
	if (!error)
		error = inode_truncate(inode, args->arg[1]);
	inode_put(inode);
	return error;
}
