/* SPDX-License-Identifier: MIT */
/*
 * copy_calls.c: system calls that copy from file to file: sendfile and copy_file_range.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "memory.h"
#include "user.h"

/* What is copied; the files are held. The places move on. */
struct copy {
	struct file *from, *to;
	uint64_t from_at, to_at; /* to_at may be OWN_OFFSET */
	uint64_t left;
};

static int64_t copy_piece(struct copy *copy, uint8_t *piece)
{
	size_t n = copy->left < FRAME_SIZE ? copy->left : FRAME_SIZE;
	struct io in = io_of_kernel(piece, n), out;
	int64_t got = file_transfer(copy->from, &in, false, copy->from_at);

	if (got <= 0)
		return got;
	out = io_of_kernel(piece, (size_t)got);
	got = file_transfer(copy->to, &out, true, copy->to_at);
	if (got <= 0)
		return got;
	copy->from_at += (uint64_t)got;
	if (copy->to_at != OWN_OFFSET)
		copy->to_at += (uint64_t)got;
	copy->left -= (uint64_t)got;
	return got;
}

/* Bytes, or a negated errno when there are none. */
static int64_t copy_bytes(struct copy *copy)
{
	uint8_t *piece = kmalloc(FRAME_SIZE, "copy");
	int64_t total = 0, n = 1;

	if (!piece)
		return -ENOMEM;
	while (copy->left && n > 0) {
		n = copy_piece(copy, piece);
		if (n > 0)
			total += n;
		wait_breathe();
	}
	kfree(piece);
	return total ? total : n < 0 ? n : 0;
}

/* A place in a file: what the program's word says, or the file's own offset. */
static int read_place(const struct file *file, uintptr_t word, uint64_t *at)
{
	*at = file->offset;
	return word ? user_read(at, word, sizeof(*at)) : 0;
}

static int write_place(struct file *file, uintptr_t word, uint64_t at)
{
	if (word)
		return user_write(word, &at, sizeof(at));
	if (at != OWN_OFFSET)
		file->offset = at;
	return 0;
}

/* Copies, and puts the places where they came from. */
static int64_t copy_run(struct copy *copy, uintptr_t from_word, uintptr_t to_word)
{
	int64_t n;

	file_acquire(copy->from);
	file_acquire(copy->to);
	n = copy_bytes(copy);
	if (write_place(copy->from, from_word, copy->from_at) ||
		write_place(copy->to, to_word, copy->to_at))
		n = -EFAULT;
	file_release(copy->from);
	file_release(copy->to);
	return n;
}

int64_t sys_sendfile(struct syscall_args *args)
{
	struct copy copy = {
		.from = descriptor_file((int)args->arg[1]),
		.to = descriptor_file((int)args->arg[0]),
		.to_at = OWN_OFFSET,
		.left = args->arg[3] < TRANSFER_MAX ? args->arg[3] : TRANSFER_MAX,
	};

	if (!copy.from || !copy.to)
		return -EBADF;
	if (read_place(copy.from, args->arg[2], &copy.from_at))
		return -EFAULT;
	if (!copy.from->seekable)
		return args->arg[2] ? -ESPIPE : -EINVAL;
	if ((int64_t)copy.from_at < 0 || (int64_t)args->arg[3] < 0 || copy.to->flags & OPEN_APPEND)
		return -EINVAL;
	return copy_run(&copy, args->arg[2], 0);
}

/* In Linux's order of errors. */
static int may_copy(const struct copy *copy)
{
	uint32_t from = copy->from->inode->mode & MODE_TYPE, to = copy->to->inode->mode & MODE_TYPE;

	if (from == MODE_DIR || to == MODE_DIR)
		return -EISDIR;
	if (from != MODE_REGULAR || to != MODE_REGULAR)
		return -EINVAL;
	if ((copy->from->flags & OPEN_ACCESS) == OPEN_WRITE || copy->from->flags & OPEN_PATH ||
		(copy->to->flags & OPEN_ACCESS) == OPEN_READ ||
		copy->to->flags & (OPEN_PATH | OPEN_APPEND))
		return -EBADF;
	if (copy->from->ops != &ram_file_ops || copy->to->ops != &ram_file_ops)
		return -EXDEV;
	return 0;
}

/* Cuts the copy at the end of the file it comes from: 0 or a negated errno. */
static int cut_copy(struct copy *copy)
{
	uint64_t size = copy->from->inode->size;

	if (copy->from_at + copy->left < copy->left || copy->to_at + copy->left < copy->left)
		return -EOVERFLOW;
	if ((int64_t)copy->from_at < 0 || (int64_t)copy->to_at < 0)
		return -EINVAL;
	if (copy->from_at >= size)
		copy->left = 0;
	else if (copy->left > size - copy->from_at)
		copy->left = size - copy->from_at;
	if (copy->from->inode == copy->to->inode && copy->from_at < copy->to_at + copy->left &&
		copy->to_at < copy->from_at + copy->left)
		return -EINVAL;
	if (copy->left > TRANSFER_MAX)
		copy->left = TRANSFER_MAX;
	return 0;
}

int64_t sys_copy_file_range(struct syscall_args *args)
{
	struct copy copy = {
		.from = descriptor_file((int)args->arg[0]),
		.to = descriptor_file((int)args->arg[2]),
		.left = args->arg[4],
	};
	int64_t n;

	if (!copy.from || !copy.to)
		return -EBADF;
	if (read_place(copy.from, args->arg[1], &copy.from_at) ||
		read_place(copy.to, args->arg[3], &copy.to_at))
		return -EFAULT;
	if (args->arg[5])
		return -EINVAL;
	n = may_copy(&copy);
	if (!n)
		n = cut_copy(&copy);
	return n || !copy.left ? n : copy_run(&copy, args->arg[1], args->arg[3]);
}
