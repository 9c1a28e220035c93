/* SPDX-License-Identifier: MIT */
/*
 * mount_calls.c: system calls on whole file systems: mount, umount2, statfs.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/mount.h"
#include "memory.h"
#include "process.h"
#include "string.h"
#include "user.h"

#define MS_REMOUNT  0x20u
#define MS_BIND     0x1000u
#define MS_MOVE     0x2000u
#define TYPE_MAX    32
#define MAGIC_TMPFS 0x01021994
#define MAGIC_PROC  0x9fa0

int64_t sys_mount(struct syscall_args *args)
{
	char type[TYPE_MAX] = "", source[TYPE_MAX] = "none";
	struct user_walk walk;
	int error;

	if (!process_is_root())
		return -EPERM;
	if (args->arg[2] && user_string(type, args->arg[2], sizeof(type)) < 0)
		return -EFAULT;
	if (args->arg[0] && user_string(source, args->arg[0], sizeof(source)) == -EFAULT)
		return -EFAULT;
	source[TYPE_MAX - 1] = '\0';
	if (args->arg[3] & (MS_BIND | MS_MOVE))
		return -EINVAL;
	error = user_walk(AT_CWD, args->arg[1], 0, &walk);
	if (error)
		return error;
	if (!(args->arg[3] & MS_REMOUNT))
		error = mount_add(walk.walk.dentry, type, source);
	user_walk_done(&walk);
	return error;
}

int64_t sys_umount2(struct syscall_args *args)
{
	struct user_walk walk;
	int error;

	if (!process_is_root())
		return -EPERM;
	error = user_walk(AT_CWD, args->arg[0], 0, &walk);
	if (error)
		return error;
	error = mount_remove(walk.walk.dentry);
	user_walk_done(&walk);
	return error;
}

static int64_t put_statfs(const struct inode *inode, uintptr_t to)
{
	struct abi_statfs out = {
		.type = inode->ops == &ram_inode_ops ? MAGIC_TMPFS : MAGIC_PROC,
		.block_size = FRAME_SIZE,
		.fragment_size = FRAME_SIZE,
		.name_length = NAME_MAX_LENGTH,
	};

	if (out.type == MAGIC_TMPFS) {
		out.blocks = kernel_frames.total;
		out.free = out.available = kernel_frames.free;
		out.files = out.free_files = kernel_frames.total;
	}
	return user_write(to, &out, sizeof(out));
}

int64_t sys_statfs(struct syscall_args *args)
{
	struct inode *inode;
	int64_t error = inode_from_user(AT_CWD, args->arg[0], 0, &inode);

	if (error)
		return error;
	error = put_statfs(inode, args->arg[1]);
	inode_put(inode);
	return error;
}

int64_t sys_fstatfs(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);

	return file ? put_statfs(file->inode, args->arg[1]) : -EBADF;
}
