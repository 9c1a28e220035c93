/* SPDX-License-Identifier: MIT */
/*
 * fd_calls.c: system calls on descriptors: open, close, dup, fcntl, pipe, getdents64.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/lock_calls.h"
#include "fs/pipe.h"
#include "memory.h"
#include "process.h"
#include "string.h"
#include "user.h"

enum {
	FCNTL_DUP,
	FCNTL_GET_FD,
	FCNTL_SET_FD,
	FCNTL_GET_FLAGS,
	FCNTL_SET_FLAGS,
	FCNTL_DUP_CLOEXEC = 1030,
	FCNTL_GET_PIPE_SIZE = 1032,
	FCNTL_ADD_SEALS = 1033,
	FCNTL_GET_SEALS = 1034,
};

static int create_file(struct walk *walk, unsigned mode)
{
	struct process *process = process_current();
	struct inode *inode;
	int error = inode_may(walk->parent->inode, MAY_WRITE | MAY_EXEC);

	if (error)
		return error;
	if (walk->parent->inode->ops != &ram_inode_ops)
		return -EACCES;
	inode = ram_inode(MODE_REGULAR | (mode & 07777 & ~process->fs->umask), 0);
	if (!inode)
		return -ENOSPC;
	inode->uid = process->credentials.euid;
	inode->gid = process->credentials.egid;
	error = ram_add(walk->parent, walk->name, walk->length, inode, &walk->dentry);
	if (!error)
		dentry_get(walk->dentry);
	return error;
}

static int may_open(const struct inode *inode, unsigned flags)
{
	uint32_t type = inode->mode & MODE_TYPE;
	unsigned access = flags & OPEN_ACCESS;
	unsigned mask = access == OPEN_READ ? MAY_READ : MAY_WRITE;

	if (flags & OPEN_PATH)
		return 0;
	if (type == MODE_SYMLINK)
		return -ELOOP;
	if ((flags & OPEN_DIRECTORY) && type != MODE_DIR)
		return -ENOTDIR;
	if (type == MODE_DIR && (access != OPEN_READ || (flags & OPEN_CREATE)))
		return -EISDIR;
	return inode_may(inode, access >= OPEN_BOTH ? MAY_READ | MAY_WRITE : mask);
}

static int open_walked(struct walk *walk, unsigned flags, unsigned mode, struct file **out)
{
	bool created = !walk->dentry;
	int error;

	if (created) {
		error = create_file(walk, mode);
	} else {
		if ((flags & OPEN_CREATE) && (flags & OPEN_EXCLUSIVE))
			return -EEXIST;
		error = may_open(walk->dentry->inode, flags);
	}
	if (!error)
		error = file_create(walk->dentry, flags, out);
	if (!error && (flags & OPEN_TRUNCATE) && !created &&
		(walk->dentry->inode->mode & MODE_TYPE) == MODE_REGULAR &&
		walk->dentry->inode->ops->truncate) { /* files of /proc have no length */
		error = inode_truncate(walk->dentry->inode, 0);
		if (error)
			file_release(*out);
	}
	return error;
}

static int64_t open_at(int at, uintptr_t path, unsigned flags, unsigned mode)
{
	bool no_follow = (flags & OPEN_NOFOLLOW) ||
	                 (flags & (OPEN_CREATE | OPEN_EXCLUSIVE)) == (OPEN_CREATE | OPEN_EXCLUSIVE);
	struct user_walk walk;
	struct file *file;
	int error = user_walk(at, path,
		(no_follow ? WALK_NOFOLLOW : 0) | (flags & OPEN_CREATE ? WALK_CREATE : 0), &walk);

	if (error)
		return error;
	error = open_walked(&walk.walk, flags, mode, &file);
	user_walk_done(&walk);
	return error ? error : descriptor_give(file, 0, (flags & OPEN_CLOEXEC) != 0);
}

int64_t sys_open(struct syscall_args *args)
{
	return open_at(AT_CWD, args->arg[0], (unsigned)args->arg[1], (unsigned)args->arg[2]);
}

int64_t sys_creat(struct syscall_args *args)
{
	return open_at(AT_CWD, args->arg[0], OPEN_CREATE | OPEN_WRITE | OPEN_TRUNCATE,
		(unsigned)args->arg[1]);
}

int64_t sys_openat(struct syscall_args *args)
{
	return open_at(
		(int)args->arg[0], args->arg[1], (unsigned)args->arg[2], (unsigned)args->arg[3]);
}

int64_t sys_close(struct syscall_args *args)
{
	return descriptor_close((int)args->arg[0]);
}

static int64_t duplicate(int fd, uint64_t from, bool cloexec)
{
	struct file *file = descriptor_file(fd);
	int result;

	if (!file)
		return -EBADF;
	if (from >= descriptor_limit())
		return -EINVAL;
	result = descriptor_add(file, (int)from, cloexec);
	if (result >= 0)
		file_acquire(file);
	return result;
}

int64_t sys_dup(struct syscall_args *args)
{
	return duplicate((int)args->arg[0], 0, false);
}

int64_t sys_dup3(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);
	int to = (int)args->arg[1];

	if (args->arg[2] & ~(uint64_t)OPEN_CLOEXEC || to == (int)args->arg[0])
		return -EINVAL;
	if (!file || (unsigned)to >= descriptor_limit())
		return -EBADF;
	file_acquire(file);
	descriptor_close(to);
	return descriptor_give(file, to, (args->arg[2] & OPEN_CLOEXEC) != 0);
}

int64_t sys_dup2(struct syscall_args *args)
{
	struct syscall_args three = {{args->arg[0], args->arg[1], 0}};

	if ((int)args->arg[0] == (int)args->arg[1])
		return descriptor_file((int)args->arg[0]) ? (int)args->arg[0] : -EBADF;
	return sys_dup3(&three);
}

/* All that was opened by a name is said to be for large files. */
static unsigned told_flags(const struct file *file)
{
	uint32_t type = file->inode->mode & MODE_TYPE;
	bool nameless = type == MODE_SOCKET || (type == MODE_FIFO && !file->dentry->parent);

	return file->flags | (nameless ? 0 : OPEN_LARGE);
}

int64_t sys_fcntl(struct syscall_args *args)
{
	int fd = (int)args->arg[0];
	struct file *file = descriptor_file(fd);
	struct files *files = process_current()->files;

	if (!file)
		return -EBADF;
	switch (args->arg[1]) {
	case FCNTL_DUP:
	case FCNTL_DUP_CLOEXEC:
		return duplicate(fd, args->arg[2], args->arg[1] == FCNTL_DUP_CLOEXEC);
	case FCNTL_GET_FD:
		return files->cloexec[fd];
	case FCNTL_SET_FD:
		files->cloexec[fd] = args->arg[2] & 1;
		return 0;
	case FCNTL_GET_FLAGS:
		return told_flags(file);
	case FCNTL_SET_FLAGS:
		file->flags = (file->flags & ~OPEN_CHANGEABLE) |
		              ((unsigned)args->arg[2] & OPEN_CHANGEABLE);
		return 0;
	case FCNTL_GET_LOCK:
	case FCNTL_SET_LOCK:
	case FCNTL_SET_LOCK_WAIT:
	case FCNTL_OFD_GET_LOCK:
	case FCNTL_OFD_SET_LOCK:
	case FCNTL_OFD_SET_LOCK_WAIT:
		return lock_call(file, (unsigned)args->arg[1], args->arg[2]);
	case FCNTL_GET_PIPE_SIZE:
		return (file->inode->mode & MODE_TYPE) == MODE_FIFO ? 65536 : -EBADF;
	case FCNTL_ADD_SEALS:
		return seals_add(file, args->arg[2]);
	case FCNTL_GET_SEALS:
		return seals_of(file);
	default:
		return -EINVAL;
	}
}

static int64_t make_pipe(uintptr_t out, unsigned flags)
{
	struct file *ends[2];
	int32_t fds[2];
	bool cloexec = (flags & OPEN_CLOEXEC) != 0;
	int error;

	if (flags & ~(OPEN_CLOEXEC | OPEN_NONBLOCK | 040000u))
		return -EINVAL;
	error = pipe_create(ends, flags & OPEN_NONBLOCK);
	if (error)
		return error;
	fds[0] = descriptor_add(ends[0], 0, cloexec);
	fds[1] = fds[0] < 0 ? fds[0] : descriptor_add(ends[1], 0, cloexec);
	if (fds[1] >= 0 && user_write(out, fds, sizeof(fds)) == 0)
		return 0;
	error = fds[1] < 0 ? fds[1] : -EFAULT;
	if (fds[1] >= 0)
		descriptor_close(fds[1]);
	else
		file_release(ends[1]);
	if (fds[0] >= 0)
		descriptor_close(fds[0]);
	else
		file_release(ends[0]);
	return error;
}

int64_t sys_pipe(struct syscall_args *args)
{
	return make_pipe(args->arg[0], 0);
}

int64_t sys_pipe2(struct syscall_args *args)
{
	return make_pipe(args->arg[0], (unsigned)args->arg[1]);
}

/* One entry to a program: its length, 0 when there is no room. */
static int64_t put_entry(uintptr_t to, size_t room, const char *name, size_t n,
	const struct inode *inode, uint64_t next)
{
	struct abi_dirent head = {.ino = inode->number, .next = (int64_t)next};
	uint8_t entry[ABI_DIRENT_NAME + NAME_MAX_LENGTH + 8] = {0};
	size_t length = (ABI_DIRENT_NAME + n + 1 + 7) & ~(size_t)7;

	if (length > room)
		return 0;
	head.length = (uint16_t)length;
	head.type = (inode->mode & MODE_TYPE) >> 12;
	memcpy(entry, &head, ABI_DIRENT_NAME);
	memcpy(entry + ABI_DIRENT_NAME, name, n);
	return user_write(to, entry, length) ? -EFAULT : (int64_t)length;
}

static int64_t next_entry(struct file *file, uintptr_t to, size_t room)
{
	uint64_t position = file->offset;
	struct dentry *entry, *parent = file->dentry->parent;
	int64_t n;

	if (position < 2) {
		const struct inode *inode = position && parent ? parent->inode : file->inode;

		n = put_entry(to, room, "..", position + 1, inode, position + 1);
	} else {
		int found = file->ops->entry(file, &position, &entry);

		if (found <= 0)
			return found ? found : -ENOENT;
		n = put_entry(to, room, entry->name, entry->length, entry->inode, position + 1);
		dentry_put(entry);
	}
	if (n > 0)
		file->offset = position + 1;
	return n;
}

int64_t sys_getdents64(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);
	size_t size = (uint32_t)args->arg[2], used = 0;
	int64_t n;

	if (!file)
		return -EBADF;
	if (!file->ops->entry)
		return -ENOTDIR;
	while ((n = next_entry(file, args->arg[1] + used, size - used)) > 0)
		used += (size_t)n;
	if (used || n == -ENOENT)
		return (int64_t)used;
	return n ? n : -EINVAL;
}
