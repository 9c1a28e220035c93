/* SPDX-License-Identifier: MIT */
/*
 * poll.c: poll and ppoll. While one waits, it stands in the queue of each file, which it holds.
 */
#include "fs/poll.h"

#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "memory.h"
#include "process/user_time.h"
#include "signal.h"
#include "time.h"
#include "user.h"

#define NS_PER_MS   1000000ull
#define ALWAYS      (POLL_IN | POLL_OUT | POLL_RDNORM | POLL_WRNORM) /* of files without poll() */
#define UNASKED     (POLL_ERR | POLL_HUP | POLL_NVAL)
#define SIGSET_SIZE 8

/* A file that is waited for. */
struct poll_entry {
	struct file *file; /* held; NULL: there is none */
	struct wait_entry wait;
	bool queued;
};

void poll_wait(struct poll_table *table, struct wait_queue *queue)
{
	if (!table || table->queued)
		return;
	table->queued = true;
	if (table->notify)
		wait_watch(queue, table->entry, table->notify);
	else
		wait_prepare(queue, table->entry);
}

unsigned file_poll(struct file *file, struct poll_table *table)
{
	return file->ops->poll ? file->ops->poll(file, table) : ALWAYS;
}

int wait_for_file(const struct file *file, struct wait_queue *queue)
{
	struct wait_entry entry;
	int error;

	if (file->flags & OPEN_NONBLOCK)
		return -EAGAIN;
	wait_prepare(queue, &entry);
	error = wait_sleep(WAIT_FOREVER);
	wait_finish(&entry);
	return error;
}

static uint16_t events_of(struct poll_entry *entry, const struct abi_pollfd *poll, bool queue)
{
	struct poll_table table = {.entry = &entry->wait};
	struct file *file = entry->file;
	unsigned events;

	if (poll->fd < 0)
		return 0;
	if (!file)
		return POLL_NVAL;
	events = file_poll(file, queue ? &table : NULL);
	entry->queued |= table.queued;
	return (uint16_t)(events & (poll->events | UNASKED));
}

static int64_t look(struct poll_entry *entries, struct abi_pollfd *polls, unsigned n, bool queue)
{
	int64_t ready = 0;

	for (unsigned i = 0; i < n; i++) {
		polls[i].revents = events_of(&entries[i], &polls[i], queue);
		ready += polls[i].revents != 0;
	}
	return ready;
}

static void release(struct poll_entry *entries, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (entries[i].queued)
			wait_finish(&entries[i].wait);
		if (entries[i].file)
			file_release(entries[i].file);
	}
	kfree(entries);
}

int64_t poll_files(struct abi_pollfd *polls, unsigned n, uint64_t until)
{
	struct poll_entry *entries = kzalloc(n * sizeof(*entries), "poll");
	int64_t ready;
	int error = 0;

	if (!entries)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++) {
		struct file *file = descriptor_file(polls[i].fd);

		entries[i].file = file ? file_acquire(file) : NULL;
	}
	ready = look(entries, polls, n, until != 0);
	while (!ready && !error && until) {
		error = wait_sleep(until);
		ready = look(entries, polls, n, false);
	}
	release(entries, n);
	if (ready || !error || error == -ETIMEDOUT)
		return ready;
	return -ERESTARTNOHAND;
}

static int64_t poll_user(uintptr_t from, uint64_t n, uint64_t until)
{
	struct abi_pollfd *polls;
	int64_t result;

	if (n > DESCRIPTORS)
		return -EINVAL;
	polls = kmalloc(n * sizeof(*polls), "poll");
	if (!polls)
		return -ENOMEM;
	result = user_read(polls, from, n * sizeof(*polls));
	if (!result)
		result = poll_files(polls, (unsigned)n, until);
	if (result >= 0 && user_write(from, polls, n * sizeof(*polls)))
		result = -EFAULT;
	kfree(polls);
	return result;
}

int64_t sys_poll(struct syscall_args *args)
{
	int32_t ms = (int32_t)args->arg[2];
	uint64_t until = ms < 0 ? WAIT_FOREVER : ms ? time_ns() + (uint64_t)ms * NS_PER_MS : 0;

	return poll_user(args->arg[0], (uint32_t)args->arg[1], until);
}

int poll_use_mask(uintptr_t mask, uint64_t size)
{
	uint64_t set;

	if (!mask)
		return 0;
	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (user_read(&set, mask, sizeof(set)))
		return -EFAULT;
	signal_swap_mask(set);
	return 0;
}

int64_t sys_ppoll(struct syscall_args *args)
{
	uint64_t until;
	int error = time_deadline(args->arg[2], &until);

	if (!error)
		error = poll_use_mask(args->arg[3], args->arg[4]);
	return error ? error : poll_user(args->arg[0], (uint32_t)args->arg[1], until);
}
