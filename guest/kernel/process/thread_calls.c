/* SPDX-License-Identifier: MIT */
/*
 * thread_calls.c: what a thread tells the kernel of itself: where its number is to be cleared when
 * it ends, and the list of its robust locks, which others must not wait for in vain:
 * robust-futexes in Linux's documentation.
 */
#include "errno.h"
#include "process/calls.h"
#include "process/futex.h"
#include "thread.h"
#include "user.h"

#define ROBUST_MAX  2048 /* entries that are looked at */
#define OWNER_DIED  0x40000000u
#define OWNER_WAITS 0x80000000u
#define OWNER_TID   0x3fffffffu
#define INHERITS    1u /* in a pointer: a lock with priority inheritance */

struct robust_list {
	user_ulong next;
	user_long offset; /* of the lock from its entry */
	user_ulong pending;
};

int64_t sys_gettid(struct syscall_args *args)
{
	return thread_current()->tid;
}

int64_t sys_set_tid_address(struct syscall_args *args)
{
	struct thread *thread = thread_current();

	thread->clear_tid = args->arg[0];
	return thread->tid;
}

int64_t sys_set_robust_list(struct syscall_args *args)
{
	if (args->arg[1] != sizeof(struct robust_list))
		return -EINVAL;
	thread_current()->robust_list = args->arg[0];
	return 0;
}

int64_t sys_get_robust_list(struct syscall_args *args)
{
	const struct thread *thread =
		args->arg[0] ? thread_find((int32_t)args->arg[0]) : thread_current();
	user_ulong list, size = sizeof(struct robust_list);

	if (!thread)
		return -ESRCH;
	if (thread->process != process_current() && !process_is_root())
		return -EPERM;
	list = (user_ulong)thread->robust_list;
	if (user_write(args->arg[2], &size, sizeof(size)))
		return -EFAULT;
	return user_write(args->arg[1], &list, sizeof(list));
}

/* A lock that the thread holds is marked; one who waits for it learns of that. */
static void release_lock(const struct thread *thread, uintptr_t lock)
{
	uint32_t word;

	if (lock % sizeof(word) || user_read(&word, lock, sizeof(word)) ||
		(word & OWNER_TID) != (uint32_t)thread->tid)
		return;
	word = (word & OWNER_WAITS) | OWNER_DIED;
	if (!user_write(lock, &word, sizeof(word)) && word & OWNER_WAITS)
		futex_wake_one(lock);
}

void futex_leave(struct thread *thread)
{
	uintptr_t head = thread->robust_list, entry;
	struct robust_list list;
	unsigned left = ROBUST_MAX;

	thread->robust_list = 0;
	if (!head || user_read(&list, head, sizeof(list)))
		return;
	entry = list.next & ~(uintptr_t)INHERITS;
	while (entry != head && left--) {
		user_ulong next;
		bool more = !user_read(&next, entry, sizeof(next));

		if (entry != (list.pending & ~(uintptr_t)INHERITS))
			release_lock(thread, entry + (uintptr_t)list.offset);
		if (!more)
			break;
		entry = next & ~(uintptr_t)INHERITS;
	}
	if (list.pending)
		release_lock(
			thread, (list.pending & ~(uintptr_t)INHERITS) + (uintptr_t)list.offset);
}
