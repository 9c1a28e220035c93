/* SPDX-License-Identifier: MIT */
/*
 * epoll.c: many files watched for long: epoll(7). An item stands in the queue of its file from the
 * start, and is looked at again when that was woken or when it was ready last time.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/poll.h"
#include "fs/watch.h"
#include "memory.h"
#include "process/user_time.h"
#include "time.h"
#include "user.h"

enum { EPOLL_ADD = 1, EPOLL_DELETE, EPOLL_MODIFY };

#define EPOLL_EDGE     0x80000000u
#define EPOLL_ONE_SHOT 0x40000000u
#define EPOLL_FLAGS    0xf0000000u /* that are no events */
#define UNASKED        (POLL_ERR | POLL_HUP)
#define NS_PER_MS      1000000ull

/* Linux's struct epoll_event. */
struct user_event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

struct epoll;

struct epoll_item {
	struct wait_entry wait; /* the first: notify() finds the item by it */
	struct epoll_item *next, *file_next;
	struct epoll *epoll;
	struct file *file; /* not held: who lets go of it last tells */
	int fd;
	struct user_event event;
	bool queued; /* in its file's queue */
	bool fresh;  /* to be looked at */
};

struct epoll {
	struct epoll_item *first; /* who was told of last stands last */
	struct wait_queue wait;
};

static struct epoll *epoll_of(const struct file *file)
{
	return file->inode->data;
}

static void notify(struct wait_entry *entry)
{
	struct epoll_item *item = (struct epoll_item *)entry;

	item->fresh = true;
	wait_wake(&item->epoll->wait);
}

/* What is ready of it now; it is in the file's queue from the first time on. */
static uint32_t look(struct epoll_item *item)
{
	struct poll_table table = {&item->wait, item->queued, notify};
	uint32_t events = file_poll(item->file, &table);

	item->queued = table.queued;
	return events & item->event.events;
}

static struct epoll_item **find(struct epoll *epoll, const struct file *file, int fd)
{
	struct epoll_item **link = &epoll->first;

	while (*link && ((*link)->file != file || (*link)->fd != fd))
		link = &(*link)->next;
	return link;
}

static void append(struct epoll *epoll, struct epoll_item *item)
{
	struct epoll_item **link = &epoll->first;

	while (*link)
		link = &(*link)->next;
	item->next = NULL;
	*link = item;
}

/* Out of the epoll's list, to which *link belongs, and its file's. */
static void remove(struct epoll_item **link)
{
	struct epoll_item *item = *link, **other = &item->file->watchers;

	*link = item->next;
	while (*other != item)
		other = &(*other)->file_next;
	*other = item->file_next;
	if (item->queued)
		wait_finish(&item->wait);
	kfree(item);
}

void epoll_forget(struct file *file)
{
	while (file->watchers) {
		struct epoll_item *item = file->watchers;

		remove(find(item->epoll, file, item->fd));
	}
}

static int add(struct epoll *epoll, struct file *file, int fd, const struct user_event *event)
{
	struct epoll_item *item = kzalloc(sizeof(*item), "epoll item");

	if (!item)
		return -ENOMEM;
	item->epoll = epoll;
	item->file = file;
	item->fd = fd;
	item->event = *event;
	item->file_next = file->watchers;
	file->watchers = item;
	append(epoll, item);
	item->fresh = look(item) != 0;
	if (item->fresh)
		wait_wake(&epoll->wait);
	return 0;
}

static void modify(struct epoll_item *item, const struct user_event *event)
{
	item->event = *event;
	item->fresh = look(item) != 0;
	if (item->fresh)
		wait_wake(&item->epoll->wait);
}

static bool is_ready(struct epoll *epoll)
{
	for (struct epoll_item *item = epoll->first; item; item = item->next) {
		if (item->fresh && look(item))
			return true;
	}
	return false;
}

static unsigned epoll_poll(struct file *file, struct poll_table *table)
{
	poll_wait(table, &epoll_of(file)->wait);
	return is_ready(epoll_of(file)) ? POLL_IN | POLL_RDNORM : 0;
}

static void epoll_destroy(struct inode *inode)
{
	struct epoll *epoll = inode->data;

	while (epoll && epoll->first)
		remove(&epoll->first);
	inode_free_data(inode);
}

static const struct file_ops epoll_ops = {.poll = epoll_poll};

static int64_t create(unsigned flags)
{
	static const struct inode_ops inode_ops = {.destroy = epoll_destroy};

	if (flags & ~OPEN_CLOEXEC)
		return -EINVAL;
	return descriptor_create_nameless("anon_inode:[eventpoll]",
		inode_create_nameless(sizeof(struct epoll), &inode_ops, &epoll_ops), flags);
}

int64_t sys_epoll_create(struct syscall_args *args)
{
	return (int)args->arg[0] <= 0 ? -EINVAL : create(0);
}

int64_t sys_epoll_create1(struct syscall_args *args)
{
	return create((unsigned)args->arg[0]);
}

static int control(struct epoll *epoll, struct file *file, const struct syscall_args *args,
	const struct user_event *event)
{
	struct epoll_item **link = find(epoll, file, (int)args->arg[2]);

	switch ((int)args->arg[1]) {
	case EPOLL_ADD:
		return *link ? -EEXIST : add(epoll, file, (int)args->arg[2], event);
	case EPOLL_DELETE:
		if (!*link)
			return -ENOENT;
		remove(link);
		return 0;
	case EPOLL_MODIFY:
		if (!*link)
			return -ENOENT;
		modify(*link, event);
		return 0;
	}
	return -EINVAL;
}

int64_t sys_epoll_ctl(struct syscall_args *args)
{
	struct file *epoll = descriptor_file((int)args->arg[0]);
	struct file *file = descriptor_file((int)args->arg[2]);
	struct user_event event = {0};

	if ((int)args->arg[1] != EPOLL_DELETE && user_read(&event, args->arg[3], sizeof(event)))
		return -EFAULT;
	if (!epoll || !file || (epoll->flags | file->flags) & OPEN_PATH)
		return -EBADF;
	if (!file->ops->poll)
		return -EPERM;
	/* Of epolls in epolls there are none. */
	if (epoll->ops != &epoll_ops || file->ops == &epoll_ops)
		return -EINVAL;
	/* Until a single shot is fired: then there is nothing at all. */
	event.events |= UNASKED;
	return control(epoll_of(epoll), file, args, &event);
}

/* Tells of one item: 1, 0 if there is nothing to tell, or -EFAULT. */
static int tell(struct epoll_item *item, uintptr_t to)
{
	struct user_event out = {.data = item->event.data};

	if (!item->fresh)
		return 0;
	out.events = look(item);
	if (out.events && user_write(to, &out, sizeof(out)))
		return -EFAULT;
	item->fresh = out.events && !(item->event.events & EPOLL_EDGE);
	if (out.events && item->event.events & EPOLL_ONE_SHOT)
		item->event.events &= EPOLL_FLAGS;
	return out.events != 0;
}

/* Whoever was told of goes to the end of the list, so that all have their turn. */
static int64_t collect(struct epoll *epoll, uintptr_t to, int64_t max)
{
	struct epoll_item **link = &epoll->first, *told = NULL, **told_end = &told;
	int64_t n = 0;
	int result = 0;

	while (*link && n < max && result >= 0) {
		struct epoll_item *item = *link;

		result = tell(item, to + (uintptr_t)n * sizeof(struct user_event));
		if (result <= 0) {
			link = &item->next;
			continue;
		}
		n++;
		*link = item->next;
		item->next = NULL;
		*told_end = item;
		told_end = &item->next;
	}
	while (*link)
		link = &(*link)->next;
	*link = told;
	return n ? n : result < 0 ? result : 0;
}

static int64_t wait_events(struct file *file, uintptr_t to, int64_t max, uint64_t until)
{
	struct epoll *epoll = epoll_of(file);
	struct wait_entry entry;
	int64_t n;
	int error = 0;

	wait_prepare(&epoll->wait, &entry);
	while (!(n = collect(epoll, to, max)) && until && !error)
		error = wait_sleep(until);
	wait_finish(&entry);
	return n || !error || error == -ETIMEDOUT ? n : -EINTR;
}

static int64_t wait_on(const struct syscall_args *args, uint64_t until)
{
	struct file *file = descriptor_file((int)args->arg[0]);
	int max = (int)args->arg[2];
	int64_t n;

	if (max <= 0 || max > INT32_MAX / (int)sizeof(struct user_event))
		return -EINVAL;
	if (!file)
		return -EBADF;
	if (file->ops != &epoll_ops)
		return -EINVAL;
	file_acquire(file);
	n = wait_events(file, args->arg[1], max, until);
	file_release(file);
	return n;
}

static uint64_t deadline(uint64_t timeout)
{
	int32_t ms = (int32_t)timeout;

	return ms < 0 ? WAIT_FOREVER : ms ? time_ns() + (uint64_t)ms * NS_PER_MS : 0;
}

int64_t sys_epoll_wait(struct syscall_args *args)
{
	return wait_on(args, deadline(args->arg[3]));
}

int64_t sys_epoll_pwait(struct syscall_args *args)
{
	int error = poll_use_mask(args->arg[4], args->arg[5]);

	return error ? error : wait_on(args, deadline(args->arg[3]));
}

int64_t sys_epoll_pwait2(struct syscall_args *args)
{
	uint64_t until;
	int error = time_deadline(args->arg[3], &until);

	if (!error)
		error = poll_use_mask(args->arg[4], args->arg[5]);
	return error ? error : wait_on(args, until);
}
