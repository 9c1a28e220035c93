/* SPDX-License-Identifier: MIT */
/*
 * lock.c: advisory locks of an inode, a list. A lock of bytes changes only what its own owner has
 * of them: what that has before and behind stays, and what touches and is alike becomes one.
 */
#include "fs/lock.h"

#include "errno.h"
#include "memory.h"
#include "process.h"
#include "thread.h"

#define CHAIN 32 /* of processes that wait for each other, as far as it is followed */

struct inode_locks {
	struct lock *first;
	struct wait_queue waiters;
};

static bool is_same_owner(const struct lock *a, const struct lock *b)
{
	return a->owner == b->owner && a->kind == b->kind;
}

static bool overlaps(const struct lock *a, const struct lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

/* Locks of flock and of fcntl do not know of each other. */
static bool conflicts(const struct lock *a, const struct lock *b)
{
	return !is_same_owner(a, b) && (a->kind == LOCK_WHOLE) == (b->kind == LOCK_WHOLE) &&
	       overlaps(a, b) && (a->type == LOCK_WRITE || b->type == LOCK_WRITE);
}

const struct lock *lock_in_the_way(const struct inode *inode, const struct lock *wanted)
{
	const struct lock *lock = inode->locks ? inode->locks->first : NULL;

	while (lock && !conflicts(lock, wanted))
		lock = lock->next;
	return lock;
}

/* A thread that waits for a lock and has these descriptors: NULL: none. */
static const struct thread *waiter_of(const void *files)
{
	const struct process *process = NULL;

	while ((process = process_after(process ? process->pid : 0)))
		for (const struct thread *thread = process->threads; thread; thread = thread->next)
			if (process->files == files && thread->lock_wanted)
				return thread;
	return NULL;
}

/* Whether who holds `lock` waits, perhaps by way of others, for the owner of `wanted`. */
static bool would_deadlock(const struct lock *lock, const struct lock *wanted)
{
	for (int i = 0; i < CHAIN && lock; i++) {
		const struct thread *waiter;

		if (lock->kind != LOCK_OF_PROCESS)
			return false;
		if (lock->owner == wanted->owner)
			return true;
		waiter = waiter_of(lock->owner);
		lock = waiter ? lock_in_the_way(waiter->lock_inode, waiter->lock_wanted) : NULL;
	}
	return false;
}

static int wait_for(struct inode *inode, const struct lock *wanted)
{
	struct thread *thread = thread_current();
	const struct lock *lock;
	struct wait_entry entry;
	int error = 0;

	wait_prepare(&inode->locks->waiters, &entry);
	while (!error && (lock = lock_in_the_way(inode, wanted))) {
		thread->lock_wanted = wanted;
		thread->lock_inode = inode;
		if (wanted->kind == LOCK_OF_PROCESS && would_deadlock(lock, wanted))
			error = -EDEADLK;
		else
			error = wait_sleep(WAIT_FOREVER);
	}
	thread->lock_wanted = NULL;
	wait_finish(&entry);
	return error;
}

/* Cuts `cut` out of what its owner has; *spare becomes the second half where one lock becomes two.
 */
static void carve(struct inode_locks *locks, const struct lock *cut, struct lock **spare)
{
	for (struct lock **link = &locks->first, *lock; (lock = *link);) {
		if (!is_same_owner(lock, cut) || !overlaps(lock, cut)) {
			link = &lock->next;
		} else if (lock->start < cut->start && lock->end > cut->end) {
			**spare = *lock;
			(*spare)->start = cut->end + 1;
			lock->end = cut->start - 1;
			lock->next = *spare;
			*spare = NULL;
			return;
		} else if (lock->start < cut->start) {
			lock->end = cut->start - 1;
			link = &lock->next;
		} else if (lock->end > cut->end) {
			lock->start = cut->end + 1;
			link = &lock->next;
		} else {
			*link = lock->next;
			kfree(lock);
		}
	}
}

/* The new lock takes over those that touch it and are alike. */
static void join(struct inode_locks *locks, struct lock *new)
{
	for (struct lock **link = &locks->first, *lock; (lock = *link);) {
		bool before = lock->end != LOCK_END && lock->end + 1 == new->start;
		bool behind = new->end != LOCK_END &&new->end + 1 == lock->start;

		if (!is_same_owner(lock, new) || lock->type != new->type || !(before || behind)) {
			link = &lock->next;
			continue;
		}
		if (before)
			new->start = lock->start;
		else
			new->end = lock->end;
		*link = lock->next;
		kfree(lock);
	}
	new->next = locks->first;
	locks->first = new;
}

int lock_apply(struct inode *inode, const struct lock *wanted, bool wait)
{
	struct lock *new, *spare;
	int error = 0;

	if (!inode->locks && wanted->type == LOCK_NONE)
		return 0;
	if (!inode->locks)
		inode->locks = kzalloc(sizeof(*inode->locks), "locks");
	new = inode->locks ? kmalloc(sizeof(*new), "lock") : NULL;
	spare = new ? kmalloc(sizeof(*spare), "lock") : NULL;
	if (!spare)
		error = -ENOLCK;
	else if (wanted->type != LOCK_NONE && lock_in_the_way(inode, wanted))
		error = wait ? wait_for(inode, wanted) : -EAGAIN;
	if (!error) {
		carve(inode->locks, wanted, &spare);
		wait_wake(&inode->locks->waiters);
	}
	if (!error && wanted->type != LOCK_NONE) {
		*new = *wanted;
		join(inode->locks, new);
		new = NULL;
	}
	kfree(new);
	kfree(spare);
	return error;
}

void locks_drop(struct inode *inode, const void *owner)
{
	struct inode_locks *locks = inode->locks;

	if (!locks || !locks->first)
		return;
	for (struct lock **link = &locks->first, *lock; (lock = *link);) {
		if (lock->owner == owner) {
			*link = lock->next;
			kfree(lock);
		} else {
			link = &lock->next;
		}
	}
	wait_wake(&locks->waiters);
}
