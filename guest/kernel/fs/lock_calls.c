/* SPDX-License-Identifier: MIT */
/*
 * lock_calls.c: the calls on locks: flock, and those of fcntl.
 */
#include "fs/lock_calls.h"

#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/lock.h"
#include "process.h"
#include "user.h"

/* Of flock. */
#define FLOCK_SHARED    1u
#define FLOCK_EXCLUSIVE 2u
#define FLOCK_TRY       4u
#define FLOCK_NONE      8u

enum { FROM_START, FROM_OFFSET, FROM_END };

/* Where the bytes begin and end: 0, -EINVAL or -EOVERFLOW. */
static int resolve_range(const struct file *file, const struct lock_range *range, struct lock *lock)
{
	int64_t base = 0, start;

	if (range->whence == FROM_OFFSET)
		base = (int64_t)file->offset;
	else if (range->whence == FROM_END)
		base = (int64_t)file->inode->size;
	else if (range->whence != FROM_START)
		return -EINVAL;
	if (range->start > LOCK_END - base)
		return -EOVERFLOW;
	start = base + range->start;
	if (start < 0)
		return -EINVAL;
	lock->start = start;
	lock->end = LOCK_END;
	if (range->length > 0) {
		if (range->length - 1 > LOCK_END - start)
			return -EOVERFLOW;
		lock->end = start + range->length - 1;
	} else if (range->length < 0) {
		if (start + range->length < 0)
			return -EINVAL;
		lock->start = start + range->length;
		lock->end = start - 1;
	}
	return 0;
}

static int tell(const struct inode *inode, const struct lock *lock, struct lock_range *range)
{
	const struct lock *other = lock_in_the_way(inode, lock);

	if (!other) {
		range->type = LOCK_NONE;
		return 0;
	}
	range->type = (int16_t)other->type;
	range->whence = FROM_START;
	range->start = other->start;
	range->length = other->end == LOCK_END ? 0 : other->end - other->start + 1;
	range->pid = other->kind == LOCK_OF_FILE ? -1 : other->pid;
	return 0;
}

int lock_range_call(struct file *file, unsigned command, struct lock_range *range)
{
	bool of_file = command >= FCNTL_OFD_GET_LOCK;
	unsigned access = file->flags & OPEN_ACCESS;
	struct process *process = process_current();
	struct lock lock = {
		.kind = of_file ? LOCK_OF_FILE : LOCK_OF_PROCESS,
		.type = (enum lock_type)range->type,
		.owner = of_file ? (const void *)file : process->files,
		.pid = process->pid,
	};
	int error = resolve_range(file, range, &lock);

	if (error)
		return error;
	if (range->type < LOCK_READ || range->type > LOCK_NONE || (of_file && range->pid))
		return -EINVAL;
	if (command == FCNTL_GET_LOCK || command == FCNTL_OFD_GET_LOCK)
		return lock.type == LOCK_NONE ? -EINVAL : tell(file->inode, &lock, range);
	if ((lock.type == LOCK_READ && access == OPEN_WRITE) ||
		(lock.type == LOCK_WRITE && access == OPEN_READ) || (file->flags & OPEN_PATH))
		return -EBADF;
	file_acquire(file);
	error = lock_apply(file->inode, &lock,
		command == FCNTL_SET_LOCK_WAIT || command == FCNTL_OFD_SET_LOCK_WAIT);
	/* Who closed it in the meantime gave back what he has of it, and what he gets. */
	if (!error && !of_file && !descriptor_has(file)) {
		locks_drop(file->inode, process->files);
		error = -EBADF;
	}
	file_release(file);
	return error;
}

/* struct flock; i386 has another one for fcntl64. */
struct abi_flock {
	int16_t type, whence;
	user_long start, length;
	int32_t pid;
};

int64_t lock_call(struct file *file, unsigned command, uintptr_t address)
{
	struct abi_flock flock;
	struct lock_range range;
	int error;

	if (user_read(&flock, address, sizeof(flock)))
		return -EFAULT;
	range = (struct lock_range){flock.type, flock.whence, flock.start, flock.length, flock.pid};
	error = lock_range_call(file, command, &range);
	if (error || (command != FCNTL_GET_LOCK && command != FCNTL_OFD_GET_LOCK))
		return error;
	flock = (struct abi_flock){range.type, range.whence, (user_long)range.start,
		(user_long)range.length, range.pid};
	return user_write(address, &flock, sizeof(flock)) ? -EFAULT : 0;
}

static void give_back(struct inode *inode, struct lock lock)
{
	lock.type = LOCK_NONE;
	lock_apply(inode, &lock, false);
}

/* Who has a lock and wants another gives the first one back before he waits. */
int64_t sys_flock(struct syscall_args *args)
{
	struct file *file = descriptor_file((int)args->arg[0]);
	unsigned operation = (unsigned)args->arg[1] & ~FLOCK_TRY;
	struct lock lock = {.kind = LOCK_WHOLE, .owner = file, .end = LOCK_END};
	int error;

	if (operation != FLOCK_SHARED && operation != FLOCK_EXCLUSIVE && operation != FLOCK_NONE)
		return -EINVAL;
	if (!file || (file->flags & OPEN_PATH))
		return -EBADF;
	lock.pid = process_current()->pid;
	lock.type = operation == FLOCK_SHARED ? LOCK_READ : LOCK_WRITE;
	file_acquire(file);
	if (operation == FLOCK_NONE || lock_in_the_way(file->inode, &lock))
		give_back(file->inode, lock);
	error = operation == FLOCK_NONE
	                ? 0
	                : lock_apply(file->inode, &lock, !(args->arg[1] & FLOCK_TRY));
	file_release(file);
	return error;
}
