/* SPDX-License-Identifier: MIT */
/*
 * timerfd.c: timers that are read: timerfd_create(2). Setting the clock does not cancel them.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/watch.h"
#include "process/calls.h"
#include "process/schedule.h"
#include "process/user_time.h"
#include "time.h"

#define TIMERFD_ABSTIME       1u
#define TIMERFD_CANCEL_ON_SET 2u

struct timerfd {
	struct timerfd *next; /* of all */
	uint64_t clock;
	uint64_t at, interval; /* by time_ns(); at 0: not armed */
	uint64_t ticks;        /* not read yet */
	struct wait_queue wait;
};

static struct timerfd *timers;

static struct timerfd *timerfd_of(const struct file *file)
{
	return file->inode->data;
}

/* Counts what has passed by `now`. */
static void pass(struct timerfd *timer, uint64_t now)
{
	uint64_t periods;

	if (!timer->at || timer->at > now)
		return;
	periods = timer->interval ? (now - timer->at) / timer->interval + 1 : 1;
	timer->at = timer->interval ? timer->at + periods * timer->interval : 0;
	timer->ticks += periods;
}

uint64_t timerfd_expire(uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (struct timerfd *timer = timers; timer; timer = timer->next) {
		bool due = timer->at && timer->at <= now;

		pass(timer, now);
		if (due)
			wait_wake(&timer->wait);
		if (timer->at && timer->at < next)
			next = timer->at;
	}
	return next;
}

static int64_t timerfd_read(struct file *file, struct io *io, uint64_t offset)
{
	struct timerfd *timer = timerfd_of(file);
	int error = io->left < sizeof(timer->ticks) ? -EINVAL : 0;
	uint64_t ticks;

	while (!error) {
		pass(timer, time_ns());
		if (timer->ticks)
			break;
		error = wait_for_file(file, &timer->wait);
	}
	if (error)
		return error;
	ticks = timer->ticks;
	timer->ticks = 0;
	return io_put(io, &ticks, sizeof(ticks)) ? -EFAULT : (int64_t)sizeof(ticks);
}

static unsigned timerfd_poll(struct file *file, struct poll_table *table)
{
	struct timerfd *timer = timerfd_of(file);

	poll_wait(table, &timer->wait);
	pass(timer, time_ns());
	return timer->ticks ? POLL_IN : 0;
}

static void timerfd_destroy(struct inode *inode)
{
	struct timerfd **link = &timers, *timer = inode->data;

	while (*link && *link != timer)
		link = &(*link)->next;
	if (*link)
		*link = timer->next;
	inode_free_data(inode);
}

static const struct file_ops timerfd_ops = {.read = timerfd_read, .poll = timerfd_poll};

int64_t sys_timerfd_create(struct syscall_args *args)
{
	static const struct inode_ops inode_ops = {.destroy = timerfd_destroy};
	uint64_t clock = args->arg[0];
	unsigned flags = (unsigned)args->arg[1];
	struct timerfd *timer;
	struct inode *inode;

	if (flags & ~(OPEN_NONBLOCK | OPEN_CLOEXEC) ||
		(clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME))
		return -EINVAL;
	inode = inode_create_nameless(sizeof(struct timerfd), &inode_ops, &timerfd_ops);
	if (!inode)
		return -ENOMEM;
	timer = inode->data;
	timer->clock = clock;
	timer->next = timers;
	timers = timer;
	return descriptor_create_nameless("anon_inode:[timerfd]", inode, flags);
}

/* NULL with *error. */
static struct timerfd *find(uint64_t fd, int *error)
{
	struct file *file = descriptor_file((int)fd);

	*error = !file ? -EBADF : file->ops != &timerfd_ops ? -EINVAL : 0;
	return *error ? NULL : timerfd_of(file);
}

/* What the timer says, as a struct itimerspec. */
static int write_setting(uintptr_t to, const struct timerfd *timer)
{
	uint64_t now = time_ns(), left = !timer->at ? 0 : timer->at > now ? timer->at - now : 1;

	return timespec_write(to, timer->interval) || timespec_write(to + user_time_size(), left)
	               ? -EFAULT
	               : 0;
}

int64_t sys_timerfd_settime(struct syscall_args *args)
{
	uint64_t interval, value, base = time_ns();
	struct timerfd *timer, old;
	int error = time_read(args->arg[2], 1, &interval);

	if (!error)
		error = time_read(args->arg[2] + user_time_size(), 1, &value);
	if (!error && args->arg[1] & ~(uint64_t)(TIMERFD_ABSTIME | TIMERFD_CANCEL_ON_SET))
		error = -EINVAL;
	if (error)
		return error;
	timer = find(args->arg[0], &error);
	if (!timer)
		return error;
	pass(timer, base);
	old = *timer;
	if (args->arg[1] & TIMERFD_ABSTIME) {
		base = 0;
		if (value && timer->clock == CLOCK_REALTIME)
			value = value > time_boot_ns() ? value - time_boot_ns() : 1;
	}
	timer->at = value ? base + value : 0;
	timer->interval = value ? interval : 0;
	timer->ticks = 0;
	if (value)
		schedule_timer_at(timer->at);
	return args->arg[3] ? write_setting(args->arg[3], &old) : 0;
}

int64_t sys_timerfd_gettime(struct syscall_args *args)
{
	int error;
	struct timerfd *timer = find(args->arg[0], &error);

	if (!timer)
		return error;
	pass(timer, time_ns());
	return write_setting(args->arg[1], timer);
}
