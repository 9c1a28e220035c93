/* SPDX-License-Identifier: MIT */
/*
 * signalfd.c: signals that are read: signalfd(2). They are those of the thread that reads.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/watch.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define MASK_SIZE  8
#define NEVER_READ (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

struct signalfd {
	struct signalfd *next; /* of all */
	uint64_t mask;
	struct wait_queue wait;
};

/* Linux's struct signalfd_siginfo, as far as it is filled in. */
struct signalfd_info {
	uint32_t signal;
	int32_t error, code;
	uint32_t pid, uid;
	int32_t fd;
	uint32_t timer, band, overruns, trap;
	int32_t status, value;
	uint64_t pointer, user_time, system_time, address;
	uint8_t rest[48];
};
_Static_assert(sizeof(struct signalfd_info) == 128, "as Linux has it");

static struct signalfd *signalfds;

static struct signalfd *signalfd_of(const struct file *file)
{
	return file->inode->data;
}

void signalfd_notify(void)
{
	for (struct signalfd *fd = signalfds; fd; fd = fd->next)
		wait_wake(&fd->wait);
}

static void fill(struct signalfd_info *out, int signal, const struct signal_info *info)
{
	*out = (struct signalfd_info){
		.signal = (uint32_t)signal,
		.code = info->code,
		.pid = (uint32_t)info->pid,
		.uid = info->uid,
	};
	if (signal == SIGCHLD) {
		out->status = (int32_t)info->value;
	} else if (info->code < 0) {
		out->value = (int32_t)info->value;
		out->pointer = info->value;
	} else {
		out->address = info->value;
	}
	if (info->code == SI_TIMER) {
		out->timer = (uint32_t)info->pid;
		out->overruns = info->uid;
		out->pid = out->uid = 0;
	}
}

static int64_t signalfd_read(struct file *file, struct io *io, uint64_t offset)
{
	struct signalfd *fd = signalfd_of(file);
	size_t before = io->left;
	struct signalfd_info out;
	struct signal_info info;
	int signal, error = before < sizeof(out) ? -EINVAL : 0;

	while (!error && io->left >= sizeof(out)) {
		signal = signal_take(thread_current(), fd->mask, &info);
		if (signal) {
			fill(&out, signal, &info);
			error = io_put(io, &out, sizeof(out));
		} else if (io->left != before) {
			break;
		} else {
			error = wait_for_file(file, &fd->wait);
		}
	}
	return io->left != before ? (int64_t)(before - io->left) : error;
}

static unsigned signalfd_poll(struct file *file, struct poll_table *table)
{
	struct signalfd *fd = signalfd_of(file);

	poll_wait(table, &fd->wait);
	return signals_waiting(thread_current()) & fd->mask ? POLL_IN : 0;
}

static void signalfd_destroy(struct inode *inode)
{
	struct signalfd **link = &signalfds, *fd = inode->data;

	while (*link && *link != fd)
		link = &(*link)->next;
	if (*link)
		*link = fd->next;
	inode_free_data(inode);
}

static const struct file_ops signalfd_ops = {.read = signalfd_read, .poll = signalfd_poll};

static int64_t create(uint64_t mask, unsigned flags)
{
	static const struct inode_ops inode_ops = {.destroy = signalfd_destroy};
	struct inode *inode =
		inode_create_nameless(sizeof(struct signalfd), &inode_ops, &signalfd_ops);
	struct signalfd *fd;

	if (!inode)
		return -ENOMEM;
	fd = inode->data;
	fd->mask = mask;
	fd->next = signalfds;
	signalfds = fd;
	return descriptor_create_nameless("anon_inode:[signalfd]", inode, flags);
}

/* A new one (-1), or another mask for an old one. */
static int64_t make(const struct syscall_args *args, unsigned flags)
{
	struct file *file;
	uint64_t mask;

	if (args->arg[2] != MASK_SIZE || flags & ~(OPEN_NONBLOCK | OPEN_CLOEXEC))
		return -EINVAL;
	if (user_read(&mask, args->arg[1], sizeof(mask)))
		return -EFAULT;
	mask &= ~NEVER_READ;
	if ((int)args->arg[0] == -1)
		return create(mask, flags);
	file = descriptor_file((int)args->arg[0]);
	if (!file)
		return -EBADF;
	if (file->ops != &signalfd_ops)
		return -EINVAL;
	signalfd_of(file)->mask = mask;
	wait_wake(&signalfd_of(file)->wait);
	return (int)args->arg[0];
}

int64_t sys_signalfd(struct syscall_args *args)
{
	return make(args, 0);
}

int64_t sys_signalfd4(struct syscall_args *args)
{
	return make(args, (unsigned)args->arg[3]);
}
