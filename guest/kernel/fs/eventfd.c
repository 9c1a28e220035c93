/* SPDX-License-Identifier: MIT */
/*
 * eventfd.c: a counter to wait for: eventfd(2).
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"

#define EVENTFD_SEMAPHORE 1u
#define EVENTFD_MAX       (UINT64_MAX - 1)

struct eventfd {
	uint64_t count;
	bool semaphore; /* a read takes one, not all */
	struct wait_queue wait;
};

static struct eventfd *eventfd_of(const struct file *file)
{
	return file->inode->data;
}

static int64_t eventfd_read(struct file *file, struct io *io, uint64_t offset)
{
	struct eventfd *event = eventfd_of(file);
	uint64_t value;
	int error = io->left < sizeof(value) ? -EINVAL : 0;

	while (!event->count && !error)
		error = wait_for_file(file, &event->wait);
	if (error)
		return error;
	value = event->semaphore ? 1 : event->count;
	event->count -= value;
	wait_wake(&event->wait);
	return io_put(io, &value, sizeof(value)) ? -EFAULT : (int64_t)sizeof(value);
}

static int64_t eventfd_write(struct file *file, struct io *io, uint64_t offset)
{
	struct eventfd *event = eventfd_of(file);
	uint64_t value;
	int error = 0;

	if (io->left < sizeof(value))
		return -EINVAL;
	if (io_get(io, &value, sizeof(value)))
		return -EFAULT;
	if (value == UINT64_MAX)
		return -EINVAL;
	while (value > EVENTFD_MAX - event->count && !error)
		error = wait_for_file(file, &event->wait);
	if (error)
		return error;
	event->count += value;
	wait_wake(&event->wait);
	return sizeof(value);
}

static unsigned eventfd_poll(struct file *file, struct poll_table *table)
{
	struct eventfd *event = eventfd_of(file);

	poll_wait(table, &event->wait);
	return (event->count ? POLL_IN : 0) | (event->count < EVENTFD_MAX ? POLL_OUT : 0);
}

static int64_t create(uint64_t count, unsigned flags)
{
	static const struct inode_ops inode_ops = {.destroy = inode_free_data};
	static const struct file_ops ops = {
		.read = eventfd_read, .write = eventfd_write, .poll = eventfd_poll};
	struct inode *inode;

	if (flags & ~(EVENTFD_SEMAPHORE | OPEN_NONBLOCK | OPEN_CLOEXEC))
		return -EINVAL;
	inode = inode_create_nameless(sizeof(struct eventfd), &inode_ops, &ops);
	if (!inode)
		return -ENOMEM;
	*(struct eventfd *)inode->data =
		(struct eventfd){.count = (uint32_t)count, .semaphore = flags & EVENTFD_SEMAPHORE};
	return descriptor_create_nameless("anon_inode:[eventfd]", inode, flags);
}

int64_t sys_eventfd(struct syscall_args *args)
{
	return create(args->arg[0], 0);
}

int64_t sys_eventfd2(struct syscall_args *args)
{
	return create(args->arg[0], (unsigned)args->arg[1]);
}
