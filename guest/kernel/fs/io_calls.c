/* SPDX-License-Identifier: MIT */
/*
 * io_calls.c: system calls that move bytes of open files.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "memory.h"
#include "user.h"

#define MAX_VECTORS 1024

int64_t file_transfer(struct file *file, struct io *io, bool write, uint64_t at)
{
	unsigned access = file->flags & OPEN_ACCESS;
	uint64_t offset = at == OWN_OFFSET ? file->offset : at;
	int64_t n;

	if ((file->flags & OPEN_PATH) || access == (write ? OPEN_READ : OPEN_WRITE))
		return -EBADF;
	if (!(write ? file->ops->write : file->ops->read))
		return (file->inode->mode & MODE_TYPE) == MODE_DIR ? -EISDIR : -EINVAL;
	if (io->left > TRANSFER_MAX)
		io->left = TRANSFER_MAX;
	if (write && (file->flags & OPEN_APPEND) && file->seekable)
		offset = file->inode->size;
	n = write ? file->ops->write(file, io, offset) : file->ops->read(file, io, offset);
	if (n > 0 && file->seekable && at == OWN_OFFSET)
		file->offset = offset + (uint64_t)n;
	return n;
}

static int64_t transfer_fd(const struct syscall_args *args, bool write, uint64_t at)
{
	struct io io = {false, args->arg[1], args->arg[2]};
	struct file *file = descriptor_file((int)args->arg[0]);
	int64_t n;

	if (!file)
		return -EBADF;
	file_acquire(file);
	n = file_transfer(file, &io, write, at);
	file_release(file);
	return n;
}

int64_t sys_read(struct syscall_args *args)
{
	return transfer_fd(args, false, OWN_OFFSET);
}

int64_t sys_write(struct syscall_args *args)
{
	return transfer_fd(args, true, OWN_OFFSET);
}

static int64_t transfer_at(const struct syscall_args *args, bool write)
{
	const struct file *file = descriptor_file((int)args->arg[0]);

	if ((int64_t)args->arg[3] < 0)
		return -EINVAL;
	if (file && !file->seekable)
		return -ESPIPE;
	return transfer_fd(args, write, args->arg[3]);
}

int64_t sys_pread64(struct syscall_args *args)
{
	return transfer_at(args, false);
}

int64_t sys_pwrite64(struct syscall_args *args)
{
	return transfer_at(args, true);
}

/* at: the offset of the first byte, or OWN_OFFSET. */
static int64_t transfer_vectors(const struct syscall_args *args, bool write, uint64_t at)
{
	struct file *file = descriptor_file((int)args->arg[0]);
	int64_t total = 0;

	if (!file)
		return -EBADF;
	if (args->arg[2] > MAX_VECTORS)
		return -EINVAL;
	file_acquire(file);
	for (uint64_t i = 0; i < args->arg[2]; i++) {
		struct abi_iovec vector;
		int64_t n = user_read(&vector, args->arg[1] + i * sizeof(vector), sizeof(vector));
		struct io io = {false, vector.base, vector.length};

		if (!n && vector.length)
			n = file_transfer(file, &io, write,
				at == OWN_OFFSET ? OWN_OFFSET : at + (uint64_t)total);
		if (n < 0 && !total)
			total = n;
		if (n < 0)
			break;
		total += n;
		if ((uint64_t)n < vector.length)
			break;
	}
	file_release(file);
	return total;
}

int64_t sys_readv(struct syscall_args *args)
{
	return transfer_vectors(args, false, OWN_OFFSET);
}

int64_t sys_writev(struct syscall_args *args)
{
	return transfer_vectors(args, true, OWN_OFFSET);
}

static int64_t transfer_vectors_at(const struct syscall_args *args, bool write)
{
	const struct file *file = descriptor_file((int)args->arg[0]);

	if ((int64_t)args->arg[3] < 0)
		return -EINVAL;
	if (file && !file->seekable)
		return -ESPIPE;
	return transfer_vectors(args, write, args->arg[3]);
}

int64_t sys_preadv(struct syscall_args *args)
{
	return transfer_vectors_at(args, false);
}

int64_t sys_pwritev(struct syscall_args *args)
{
	return transfer_vectors_at(args, true);
}
