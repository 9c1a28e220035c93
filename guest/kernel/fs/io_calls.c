/* SPDX-License-Identifier: MIT */
/*
 * io_calls.c: system calls that move bytes of open files.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "memory.h"
#include "user.h"

#define MAX_BYTES   0x7ffff000ul /* in one call, as Linux */
#define MAX_VECTORS 1024
#define NOWHERE     UINT64_MAX /* the file's own offset */

/* Reads or writes at `at`; the file is held by the caller. */
static int64_t transfer(struct file *file, struct io *io, bool write, uint64_t at)
{
	unsigned access = file->flags & OPEN_ACCESS;
	uint64_t offset = at == NOWHERE ? file->offset : at;
	int64_t n;

	if ((file->flags & OPEN_PATH) || access == (write ? OPEN_READ : OPEN_WRITE))
		return -EBADF;
	if (!(write ? file->ops->write : file->ops->read))
		return (file->inode->mode & MODE_TYPE) == MODE_DIR ? -EISDIR : -EINVAL;
	if (io->left > MAX_BYTES)
		io->left = MAX_BYTES;
	if (write && (file->flags & OPEN_APPEND) && file->seekable)
		offset = file->inode->size;
	n = write ? file->ops->write(file, io, offset) : file->ops->read(file, io, offset);
	if (n > 0 && file->seekable && at == NOWHERE)
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
	n = transfer(file, &io, write, at);
	file_release(file);
	return n;
}

int64_t sys_read(struct syscall_args *args)
{
	return transfer_fd(args, false, NOWHERE);
}

int64_t sys_write(struct syscall_args *args)
{
	return transfer_fd(args, true, NOWHERE);
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

/* at: the offset of the first byte, or NOWHERE. */
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
			n = transfer(
				file, &io, write, at == NOWHERE ? NOWHERE : at + (uint64_t)total);
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
	return transfer_vectors(args, false, NOWHERE);
}

int64_t sys_writev(struct syscall_args *args)
{
	return transfer_vectors(args, true, NOWHERE);
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

static int64_t send_piece(struct file *to, struct file *from, uint8_t *piece, size_t n, uint64_t at)
{
	struct io in = {true, (uintptr_t)piece, n};
	int64_t got = transfer(from, &in, false, at);
	struct io out = {true, (uintptr_t)piece, got > 0 ? (size_t)got : 0};

	return got > 0 ? transfer(to, &out, true, NOWHERE) : got;
}

int64_t sys_sendfile(struct syscall_args *args)
{
	struct file *to = descriptor_file((int)args->arg[0]);
	struct file *from = descriptor_file((int)args->arg[1]);
	uint64_t at, left = args->arg[3] > MAX_BYTES ? MAX_BYTES : args->arg[3], total = 0;
	uint8_t *piece;
	int64_t n = 0;

	if (!to || !from)
		return -EBADF;
	if (!from->seekable)
		return -EINVAL;
	at = from->offset;
	if (args->arg[2] && user_read(&at, args->arg[2], sizeof(at)))
		return -EFAULT;
	piece = kmalloc(FRAME_SIZE, "sendfile");
	if (!piece)
		return -ENOMEM;
	file_acquire(to);
	file_acquire(from);
	while (left) {
		n = send_piece(to, from, piece, left < FRAME_SIZE ? left : FRAME_SIZE, at);
		if (n <= 0)
			break;
		at += (uint64_t)n;
		left -= (uint64_t)n;
		total += (uint64_t)n;
		wait_breathe();
	}
	if (!args->arg[2])
		from->offset = at;
	else if (user_write(args->arg[2], &at, sizeof(at)))
		n = -EFAULT;
	file_release(from);
	file_release(to);
	kfree(piece);
	return total ? (int64_t)total : n;
}
