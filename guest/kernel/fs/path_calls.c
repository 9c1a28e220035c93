/* SPDX-License-Identifier: MIT */
/*
 * path_calls.c: system calls on root and working directory, umask, and targets of symbolic links.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "memory.h"
#include "process.h"
#include "user.h"

/* *place, which is held, becomes another directory. */
static int change_directory(struct dentry **place, struct dentry *to)
{
	int error = (to->inode->mode & MODE_TYPE) == MODE_DIR ? inode_may(to->inode, MAY_EXEC)
	                                                      : -ENOTDIR;

	if (error)
		return error;
	dentry_get(to);
	dentry_put(*place);
	*place = to;
	return 0;
}

static int64_t change_to_path(struct dentry **place, uintptr_t path)
{
	struct user_walk walk;
	int error = user_walk(AT_CWD, path, 0, &walk);

	if (error)
		return error;
	error = change_directory(place, walk.walk.dentry);
	user_walk_done(&walk);
	return error;
}

int64_t sys_chdir(struct syscall_args *args)
{
	return change_to_path(&context_current()->cwd, args->arg[0]);
}

int64_t sys_fchdir(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);

	return file ? change_directory(&context_current()->cwd, file->dentry) : -EBADF;
}

int64_t sys_chroot(struct syscall_args *args)
{
	return process_is_root() ? change_to_path(&context_current()->root, args->arg[0]) : -EPERM;
}

int64_t sys_umask(struct syscall_args *args)
{
	struct fs_context *context = context_current();
	uint32_t before = context->umask;

	context->umask = args->arg[0] & 0777;
	return before;
}

int64_t sys_getcwd(struct syscall_args *args)
{
	const struct fs_context *context = context_current();
	const struct dentry *cwd = context->cwd;
	char *path;
	size_t n;
	int64_t result;

	if (!cwd->in_tree && !cwd->is_root)
		return -ENOENT;
	path = path_alloc();
	if (!path)
		return -ENOMEM;
	n = dentry_path(cwd, context->root, path, PATH_MAX_SIZE) + 1;
	if (n > PATH_MAX_SIZE)
		result = -ENAMETOOLONG;
	else if (n > args->arg[1])
		result = -ERANGE;
	else
		result = user_write(args->arg[0], path, n) ? -EFAULT : (int64_t)n;
	path_free(path);
	return result;
}

/* What an inode's link says, to the program: bytes. */
static int64_t put_target(struct inode *inode, uintptr_t to, int64_t size)
{
	char *target;
	int64_t n;

	if (size <= 0 || (inode->mode & MODE_TYPE) != MODE_SYMLINK)
		return -EINVAL;
	target = path_alloc();
	if (!target)
		return -ENOMEM;
	n = inode->ops->readlink(inode, target, PATH_MAX_SIZE);
	if (n > size)
		n = size;
	if (n > 0 && user_write(to, target, (size_t)n))
		n = -EFAULT;
	path_free(target);
	return n;
}

static int64_t readlink_at(int at, uintptr_t path, uintptr_t to, int64_t size)
{
	struct inode *inode;
	int64_t n = inode_from_user(at, path, AT_NOFOLLOW | AT_EMPTY, &inode);

	if (n)
		return n;
	n = put_target(inode, to, size);
	inode_put(inode);
	return n;
}

int64_t sys_readlink(struct syscall_args *args)
{
	return readlink_at(AT_CWD, args->arg[0], args->arg[1], (int32_t)args->arg[2]);
}

int64_t sys_readlinkat(struct syscall_args *args)
{
	return readlink_at((int)args->arg[0], args->arg[1], args->arg[2], (int32_t)args->arg[3]);
}
