/* SPDX-License-Identifier: MIT */
/*
 * file.c: open files, and what processes do with them beside system calls.
 */
#include "errno.h"
#include "fs/descriptors.h"
#include "fs/lock.h"
#include "fs/watch.h"
#include "memory.h"
#include "pool.h"
#include "string.h"

static const struct file_ops no_ops;
static struct pool files = POOL(struct file, "files");

static const struct file_ops *ops_of(const struct inode *inode, unsigned flags)
{
	uint32_t type = inode->mode & MODE_TYPE;

	if (flags & OPEN_PATH)
		return &no_ops;
	if (inode->file_ops)
		return inode->file_ops;
	if (type == MODE_CHAR || type == MODE_BLOCK || type == MODE_FIFO || type == MODE_SOCKET)
		return device_ops(inode->mode, inode->rdev);
	return &no_ops;
}

int file_create(struct dentry *dentry, unsigned flags, struct file **out)
{
	struct inode *inode = dentry->inode;
	const struct file_ops *ops = ops_of(inode, flags);
	uint32_t type = inode->mode & MODE_TYPE;
	struct file *file;
	int error = 0;

	if (!ops)
		return -ENXIO;
	file = pool_alloc(&files);
	if (!file)
		return -ENOMEM;
	file->refs = 1;
	file->flags = flags &
	              ~(OPEN_CREATE | OPEN_EXCLUSIVE | OPEN_NOCTTY | OPEN_TRUNCATE | OPEN_CLOEXEC);
	file->seekable = type == MODE_REGULAR || type == MODE_DIR;
	file->inode = inode;
	file->dentry = dentry;
	file->ops = ops;
	file->writes = type == MODE_REGULAR && ops != &no_ops && (flags & OPEN_ACCESS) != OPEN_READ;
	dentry_get(dentry);
	if (file->writes && inode->writers < 0)
		error = -ETXTBSY;
	else if (ops->open)
		error = ops->open(file);
	if (error) {
		dentry_put(dentry);
		pool_free(&files, file);
		return error;
	}
	inode->writers += file->writes;
	*out = file;
	return 0;
}

struct file *file_acquire(struct file *file)
{
	file->refs++;
	return file;
}

void file_release(struct file *file)
{
	if (!file || --file->refs)
		return;
	if (file->inode->locks)
		locks_drop(file->inode, file);
	if (file->watchers)
		epoll_forget(file);
	if (file->ops->release)
		file->ops->release(file);
	file->inode->writers += file->executes - file->writes;
	dentry_put(file->dentry);
	pool_free(&files, file);
}

int64_t file_read_at(struct file *file, void *to, size_t n, uint64_t offset)
{
	struct io io = io_of_kernel(to, n);

	if ((file->inode->mode & MODE_TYPE) != MODE_REGULAR || !file->ops->read)
		return -EINVAL;
	return file->ops->read(file, &io, offset);
}

uint64_t file_page(struct file *file, uint64_t index, bool shared)
{
	return file->ops == &ram_file_ops ? ram_page(file->inode, index, shared) : FRAME_NONE;
}

unsigned file_pages_in_place(struct file *file, uint64_t index, unsigned n, uint64_t *phys)
{
	return file->ops == &ram_file_ops ? ram_pages_in_place(file->inode, index, n, phys) : 0;
}

size_t file_path(struct file *file, char *to, size_t size)
{
	return dentry_show(file->dentry, context_current()->root, to, size);
}

int file_open_exec(const char *path, struct file **out)
{
	struct fs_context *context = context_current();
	struct walk walk;
	int error = walk_path(context, context->cwd, path, 0, &walk);

	if (error)
		return error;
	if ((walk.dentry->inode->mode & MODE_TYPE) != MODE_REGULAR)
		error = -EACCES;
	else
		error = inode_may(walk.dentry->inode, MAY_EXEC);
	if (!error && walk.dentry->inode->writers > 0)
		error = -ETXTBSY;
	if (!error)
		error = file_create(walk.dentry, OPEN_READ, out);
	if (!error) {
		(*out)->executes = true;
		(*out)->inode->writers--;
	}
	walk_done(&walk);
	return error;
}

bool file_is_writable(const struct file *file)
{
	return (file->flags & OPEN_ACCESS) != OPEN_READ;
}

int file_for_mmap(int fd, unsigned prot, unsigned flags, struct file **out)
{
	struct file *file = descriptor_file(fd);
	unsigned access;

	if (!file || (file->flags & OPEN_PATH))
		return -EBADF;
	access = file->flags & OPEN_ACCESS;
	if (access == OPEN_WRITE || (access == OPEN_READ && (prot & 2) && (flags & 1)))
		return -EACCES;
	if (file->ops != &ram_file_ops)
		return -ENODEV;
	if (flags & 1 && file->inode->seals & SEAL_WRITE)
		return -EPERM;
	*out = file_acquire(file);
	return 0;
}
