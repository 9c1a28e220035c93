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
#define FEW_VECTORS 8 /* for which there is room on the stack */

static bool may_transfer(const struct file *file, bool write)
{
	unsigned access = file->flags & OPEN_ACCESS;

	return !(file->flags & OPEN_PATH) && access != (write ? OPEN_READ : OPEN_WRITE);
}

int64_t file_transfer(struct file *file, struct io *io, bool write, uint64_t at)
{
	uint64_t offset = at == OWN_OFFSET ? file->offset : at;
	int64_t n;

	if (!may_transfer(file, write))
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
	struct io io = io_of_program(args->arg[1], args->arg[2]);
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

/* Bytes of all vectors together, as far as one transfer goes: or -EINVAL. */
static int64_t count_bytes(const struct abi_iovec *vectors, size_t n)
{
	uint64_t total = 0;

	for (size_t i = 0; i < n; i++) {
		if ((user_long)vectors[i].length < 0)
			return -EINVAL;
		total += vectors[i].length;
		if (total > TRANSFER_MAX)
			total = TRANSFER_MAX;
	}
	return (int64_t)total;
}

/* All in one: what is sent stays together, and who reads does not wait for more than there is. */
static int64_t transfer_pieces(
	struct file *file, const struct abi_iovec *vectors, size_t n, bool write, uint64_t at)
{
	int64_t total = count_bytes(vectors, n);
	struct io io = {.left = (size_t)total, .vectors = vectors};

	return total > 0 ? file_transfer(file, &io, write, at) : total;
}

/* at: the offset of the first byte, or OWN_OFFSET. */
static int64_t transfer_vectors(const struct syscall_args *args, bool write, uint64_t at)
{
	struct file *file = descriptor_file((int)args->arg[0]);
	struct abi_iovec few[FEW_VECTORS], *vectors = few;
	size_t size = args->arg[2] * sizeof(*vectors);
	int64_t n;

	if (!file || !may_transfer(file, write))
		return -EBADF;
	if (args->arg[2] > MAX_VECTORS)
		return -EINVAL;
	if (args->arg[2] > FEW_VECTORS)
		vectors = kmalloc(size, "vectors");
	if (!vectors)
		return -ENOMEM;
	file_acquire(file);
	n = user_read(vectors, args->arg[1], size);
	if (!n)
		n = transfer_pieces(file, vectors, args->arg[2], write, at);
	file_release(file);
	if (vectors != few)
		kfree(vectors);
	return n;
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
