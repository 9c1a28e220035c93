/* SPDX-License-Identifier: MIT */
/*
 * inode.c: what is common to all inodes: life, rights, times.
 */
#include "copy.h"
#include "errno.h"
#include "fs/vfs.h"
#include "memory.h"
#include "mm.h"
#include "pool.h"
#include "process.h"
#include "string.h"
#include "time.h"
#include "user.h"

static struct pool inodes = POOL(struct inode, "inodes");

uint64_t fs_now(void)
{
	return time_boot_ns() + time_ns();
}

struct inode *inode_create(
	uint32_t mode, const struct inode_ops *ops, const struct file_ops *file_ops)
{
	static uint64_t last_number;
	struct inode *inode = pool_alloc(&inodes);

	if (!inode)
		return NULL;
	inode->refs = 1;
	inode->mode = mode;
	inode->number = ++last_number;
	inode->ops = ops;
	inode->file_ops = file_ops;
	inode->dev = 1;
	inode->accessed = inode->modified = inode->changed = fs_now();
	return inode;
}

void inode_get(struct inode *inode)
{
	inode->refs++;
}

void inode_put(struct inode *inode)
{
	if (!inode || --inode->refs)
		return;
	if (inode->ops && inode->ops->destroy)
		inode->ops->destroy(inode);
	kfree(inode->locks);
	pool_free(&inodes, inode);
}

static bool in_group(const struct process *process, uint32_t gid)
{
	for (unsigned i = 0; i < process->group_count; i++)
		if (process->groups[i] == gid)
			return true;
	return process->credentials.egid == gid;
}

int inode_may(const struct inode *inode, unsigned mask)
{
	const struct process *process = process_current();
	unsigned rights = inode->mode;

	if (process->credentials.euid == 0) {
		bool can_run = (inode->mode & 0111) || (inode->mode & MODE_TYPE) == MODE_DIR;

		return (mask & MAY_EXEC) && !can_run ? -EACCES : 0;
	}
	if (inode->uid == process->credentials.euid)
		rights >>= 6;
	else if (in_group(process, inode->gid))
		rights >>= 3;
	return (rights & mask) == mask ? 0 : -EACCES;
}

void inode_touch(struct inode *inode)
{
	inode->modified = inode->changed = fs_now();
}

/* Nobody keeps what lies behind the new end in his memory. */
static void unmap_tail(const struct inode *inode, uint64_t size)
{
	for (struct process *p = process_after(0); p; p = p->next) {
		if (p->mm)
			mm_forget(p->mm, inode, size);
	}
}

int inode_truncate(struct inode *inode, uint64_t size)
{
	int error;

	if ((inode->mode & MODE_TYPE) == MODE_DIR)
		return -EISDIR;
	if ((inode->mode & MODE_TYPE) != MODE_REGULAR || !inode->ops->truncate)
		return -EINVAL;
	if (inode->writers < 0)
		return -ETXTBSY;
	error = inode->ops->truncate(inode, size);
	if (error)
		return error;
	if (size < inode->size)
		unmap_tail(inode, size);
	inode->size = size;
	inode_touch(inode);
	return 0;
}

size_t io_stretch(struct io *io, size_t n)
{
	if (!io->vectors)
		return n;
	while (!io->piece) {
		io->address = io->vectors->base;
		io->piece = io->vectors->length;
		io->vectors++;
	}
	return n < io->piece ? n : io->piece;
}

static void advance(struct io *io, size_t n)
{
	io->address += n;
	io->left -= n;
	if (io->vectors)
		io->piece -= n;
}

/* What move() does with bytes that lie side by side, for bytes that may not. */
static int in_pieces(
	struct io *io, uint8_t *bytes, size_t n, int (*move)(struct io *io, void *bytes, size_t n))
{
	const struct io before = *io;

	while (n) {
		size_t part = io_stretch(io, n);

		if (move(io, bytes, part)) {
			*io = before;
			return -EFAULT;
		}
		bytes = bytes ? bytes + part : NULL;
		n -= part;
	}
	return 0;
}

static int put(struct io *io, void *from, size_t n)
{
	if (io->kernel)
		copy_memory((void *)io->address, from, n);
	else if (user_write(io->address, from, n))
		return -EFAULT;
	advance(io, n);
	return 0;
}

static int get(struct io *io, void *to, size_t n)
{
	if (io->kernel)
		copy_memory(to, (const void *)io->address, n);
	else if (user_read(to, io->address, n))
		return -EFAULT;
	advance(io, n);
	return 0;
}

static int zero(struct io *io, void *unused, size_t n)
{
	if (io->kernel)
		memset((void *)io->address, 0, n);
	else if (user_zero(io->address, n))
		return -EFAULT;
	advance(io, n);
	return 0;
}

int io_put(struct io *io, const void *from, size_t n)
{
	void *bytes = (void *)(uintptr_t)from; /* only read */

	return io->vectors ? in_pieces(io, bytes, n, put) : put(io, bytes, n);
}

int io_get(struct io *io, void *to, size_t n)
{
	return io->vectors ? in_pieces(io, to, n, get) : get(io, to, n);
}

int io_zero(struct io *io, size_t n)
{
	return io->vectors ? in_pieces(io, NULL, n, zero) : zero(io, NULL, n);
}
