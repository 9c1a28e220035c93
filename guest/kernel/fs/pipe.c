/* SPDX-License-Identifier: MIT */
/*
 * pipe.c: a ring of bytes between writers and readers. inode->data is the pipe.
 */
#include "fs/pipe.h"

#include "errno.h"
#include "fs/files.h"
#include "memory.h"
#include "signal.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define RING   65536 /* capacity, as Linux's */
#define ATOMIC 4096  /* PIPE_BUF: writes up to this are not mixed with others */

struct pipe {
	size_t start, used;
	unsigned readers, writers;
	unsigned opened[2]; /* how often for reading and writing, ever */
	struct wait_queue wait;
	uint8_t ring[RING];
};

static struct pipe *pipe_of(const struct file *file)
{
	return file->inode->data;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int64_t pipe_read(struct file *file, struct io *io, uint64_t offset)
{
	struct pipe *pipe = pipe_of(file);
	size_t before = io->left;
	int error = 0;

	if (!before)
		return 0;
	while (!pipe->used && !error) {
		if (!pipe->writers)
			return 0;
		error = wait_for_file(file, &pipe->wait);
	}
	while (io->left && pipe->used && !error) {
		size_t n = smaller(smaller(io->left, pipe->used), RING - pipe->start);

		error = io_put(io, pipe->ring + pipe->start, n);
		if (error)
			break;
		pipe->start = (pipe->start + n) % RING;
		pipe->used -= n;
	}
	if (before == io->left)
		return error;
	wait_wake(&pipe->wait);
	return (int64_t)(before - io->left);
}

static int put_bytes(struct pipe *pipe, struct io *io)
{
	size_t end = (pipe->start + pipe->used) % RING;
	size_t n = smaller(smaller(io->left, RING - pipe->used), RING - end);
	int error = io_get(io, pipe->ring + end, n);

	if (!error)
		pipe->used += n;
	return error;
}

static int64_t pipe_write(struct file *file, struct io *io, uint64_t offset)
{
	struct pipe *pipe = pipe_of(file);
	size_t before = io->left;
	int error = 0;

	while (io->left && !error) {
		size_t room = RING - pipe->used;

		if (!pipe->readers) {
			signal_send_thread(thread_current(), SIGPIPE);
			error = -EPIPE;
		} else if (!room || (before <= ATOMIC && room < io->left && before == io->left)) {
			error = wait_for_file(file, &pipe->wait);
		} else {
			error = put_bytes(pipe, io);
			wait_wake(&pipe->wait);
		}
	}
	return before == io->left ? error : (int64_t)(before - io->left);
}

static unsigned pipe_poll(struct file *file, struct poll_table *table)
{
	struct pipe *pipe = pipe_of(file);
	unsigned access = file->flags & OPEN_ACCESS, events = 0;

	poll_wait(table, &pipe->wait);
	if (access != OPEN_WRITE) {
		if (pipe->used)
			events |= POLL_IN | POLL_RDNORM;
		if (!pipe->writers)
			events |= POLL_HUP;
	}
	if (access != OPEN_READ) {
		if (RING - pipe->used >= ATOMIC)
			events |= POLL_OUT | POLL_WRNORM;
		if (!pipe->readers)
			events |= POLL_ERR;
	}
	return events;
}

static int64_t pipe_ioctl(struct file *file, unsigned request, uintptr_t argument)
{
	int32_t used = (int32_t)pipe_of(file)->used;

	return request == 0x541b ? user_write(argument, &used, sizeof(used)) : -ENOTTY;
}

static void pipe_release(struct file *file)
{
	struct pipe *pipe = pipe_of(file);
	unsigned access = file->flags & OPEN_ACCESS;

	pipe->readers -= access != OPEN_WRITE;
	pipe->writers -= access != OPEN_READ;
	wait_wake(&pipe->wait);
	if (!pipe->readers && !pipe->writers) {
		file->inode->data = NULL;
		kfree(pipe);
	}
}

static struct pipe *pipe_alloc(void)
{
	struct pipe *pipe = kmalloc(sizeof(*pipe), "pipe");

	if (pipe)
		memset(pipe, 0, offsetof(struct pipe, ring)); /* the ring is not read before it is
		                                               * written */
	return pipe;
}

/* Opening waits for the other side, which may be gone again when it is this one's turn. */
static int fifo_meet(const struct file *file, struct pipe *pipe, unsigned access)
{
	bool reads = access == OPEN_READ;
	unsigned seen = pipe->opened[reads];
	int error = 0;

	if (file->flags & OPEN_NONBLOCK)
		return access == OPEN_WRITE && !pipe->readers ? -ENXIO : 0;
	while (!error && !(reads ? pipe->writers : pipe->readers) && pipe->opened[reads] == seen)
		error = wait_for_file(file, &pipe->wait);
	return error;
}

static int fifo_open(struct file *file)
{
	unsigned access = file->flags & OPEN_ACCESS;
	struct pipe *pipe = pipe_of(file);
	int error;

	if (!pipe)
		file->inode->data = pipe = pipe_alloc();
	if (!pipe)
		return -ENOMEM;
	pipe->readers += access != OPEN_WRITE;
	pipe->writers += access != OPEN_READ;
	pipe->opened[0] += access != OPEN_WRITE;
	pipe->opened[1] += access != OPEN_READ;
	wait_wake(&pipe->wait);
	error = fifo_meet(file, pipe, access);
	if (error)
		pipe_release(file);
	return error;
}

/* Of a pipe without a name: at its making, and by way of /proc/PID/fd. */
static int pipe_open(struct file *file)
{
	unsigned access = file->flags & OPEN_ACCESS;
	struct pipe *pipe = pipe_of(file);

	if (!pipe)
		return -ENXIO;
	pipe->readers += access != OPEN_WRITE;
	pipe->writers += access != OPEN_READ;
	return 0;
}

static const struct file_ops pipe_ops = {.open = pipe_open,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release};

const struct file_ops fifo_ops = {.open = fifo_open,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release};

static const struct inode_ops pipe_inode_ops;

int pipe_create(struct file **ends, unsigned flags)
{
	struct inode *inode = inode_create(MODE_FIFO | 0600, &pipe_inode_ops, &pipe_ops);
	struct dentry *dentry = dentry_create(NULL, "pipe:", 5, inode);
	struct pipe *pipe = dentry ? pipe_alloc() : NULL;
	int error = -ENOMEM;

	if (!pipe) {
		dentry_put(dentry);
		return error;
	}
	inode->data = pipe;
	if (file_create(dentry, OPEN_READ | flags, &ends[0]) == 0) {
		error = file_create(dentry, OPEN_WRITE | flags, &ends[1]);
		if (error)
			file_release(ends[0]);
	} else {
		kfree(pipe);
	}
	dentry_put(dentry);
	return error;
}
