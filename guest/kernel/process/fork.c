/* SPDX-License-Identifier: MIT */
/*
 * fork.c: new processes and threads: fork, vfork, clone.
 */
#include "arch.h"
#include "errno.h"
#include "fpu.h"
#include "fs/files.h"
#include "mm.h"
#include "process.h"
#include "process/calls.h"
#include "process/schedule.h"
#include "process/table.h"
#include "thread.h"
#include "user.h"

#define CLONE_SIGNAL         0xffu
#define CLONE_VM             0x00000100u
#define CLONE_FS             0x00000200u
#define CLONE_FILES          0x00000400u
#define CLONE_SIGHAND        0x00000800u
#define CLONE_VFORK          0x00004000u
#define CLONE_THREAD         0x00010000u
#define CLONE_SYSVSEM        0x00040000u
#define CLONE_SETTLS         0x00080000u
#define CLONE_PARENT_SETTID  0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_CHILD_SETTID   0x01000000u
#define CLONE_DETACHED       0x00400000u /* nothing any more */
#define CLONE_KNOWN                                                                       \
	(CLONE_SIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK | \
		CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |       \
		CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_CHILD_SETTID)

struct clone {
	uint64_t flags, stack, parent_tid, child_tid, tls;
};

/* Until the child has memory of its own, or is no more, or this thread has to end itself. */
static void wait_vfork(int32_t pid, const struct vfork *vfork)
{
	struct process *parent = process_current(), *child;
	struct wait_entry entry;

	wait_prepare(&parent->child_events, &entry);
	while (!vfork->done && !thread_is_ending(thread_current()))
		wait_sleep_deaf();
	wait_finish(&entry);
	child = vfork->done ? NULL : process_find(pid);
	if (child)
		child->vfork = NULL;
}

/* Registers of the new thread, and where it is to be known. */
static void equip(struct thread *thread, const struct clone *clone, const struct cpu_tls *tls)
{
	struct trap_frame *frame = thread_start_frame(thread);

	*frame = *thread_frame(thread_current());
	frame->ax = 0;
	frame->vector = VECTORS;
	if (clone->stack)
		frame->sp = clone->stack;
	thread->tls = *tls;
	if (clone->flags & CLONE_CHILD_CLEARTID)
		thread->clear_tid = clone->child_tid;
	/* Two on one signal stack would spoil it. */
	if ((clone->flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM)
		thread->signals.stack = thread->signals.stack_size = 0;
}

/* Memory and files of the child; false: no memory. */
static bool furnish(struct process *child, struct process *parent, const struct clone *clone)
{
	if (clone->flags & CLONE_VM) {
		child->mm = parent->mm;
		child->mm->users++;
	} else {
		child->mm = mm_fork(parent->mm);
	}
	child->files = clone->flags & CLONE_FILES ? files_share(parent->files)
	                                          : files_clone(parent->files);
	child->fs = clone->flags & CLONE_FS ? fs_context_share(parent->fs)
	                                    : fs_context_clone(parent->fs);
	child->exit_signal = (int32_t)(clone->flags & CLONE_SIGNAL);
	return child->mm && child->files && child->fs;
}

static void give_up(struct process *child)
{
	if (child->files)
		files_drop(child->files);
	if (child->fs)
		fs_context_drop(child->fs);
	if (child->mm)
		mm_drop(child->mm);
	process_destroy(child);
}

/* The first thread of a new process, or a negated errno. */
static int clone_process(const struct clone *clone, struct thread **out)
{
	struct process *parent = process_current();
	struct process *child = process_create(parent, thread_current());

	if (!child)
		return -EAGAIN;
	if (!furnish(child, parent, clone)) {
		give_up(child);
		return -ENOMEM;
	}
	*out = child->threads;
	return 0;
}

/* One more thread, or a negated errno. */
static int clone_thread(struct thread **out)
{
	int32_t tid = process_new_pid();

	*out = tid && !thread_current()->killed
	               ? thread_create(process_current(), tid, thread_current())
	               : NULL;
	return *out ? 0 : -EAGAIN;
}

static int check_flags(uint64_t flags)
{
	const uint64_t shared = CLONE_VM | CLONE_SIGHAND | CLONE_FS | CLONE_FILES;

	if (flags & ~(uint64_t)CLONE_KNOWN || (flags & CLONE_SIGNAL) > SIGNALS)
		return -EINVAL;
	/* Threads share all, processes no handlers. */
	if (flags & CLONE_THREAD)
		return (flags & shared) == shared && !(flags & CLONE_VFORK) ? 0 : -EINVAL;
	return flags & CLONE_SIGHAND ? -EINVAL : 0;
}

static int64_t do_clone(const struct clone *clone)
{
	struct thread *self = thread_current(), *thread;
	struct vfork vfork = {false};
	struct cpu_tls tls = self->tls;
	int error = check_flags(clone->flags);
	int32_t tid;

	if (!error && clone->flags & CLONE_SETTLS)
		error = cpu_read_tls(&tls, clone->tls);
	if (error)
		return error;
	fpu_save(self->fpu);
	error = clone->flags & CLONE_THREAD ? clone_thread(&thread) : clone_process(clone, &thread);
	if (error)
		return error;
	equip(thread, clone, &tls);
	tid = thread->tid;
	if (clone->flags & CLONE_CHILD_SETTID)
		mm_poke(thread->process->mm, clone->child_tid, &tid, sizeof(tid));
	if (clone->flags & CLONE_PARENT_SETTID)
		user_write(clone->parent_tid, &tid, sizeof(tid));
	if (clone->flags & CLONE_VFORK)
		thread->process->vfork = &vfork;
	schedule_wake(thread);
	if (clone->flags & CLONE_VFORK)
		wait_vfork(tid, &vfork);
	return tid;
}

int64_t sys_fork(struct syscall_args *args)
{
	return do_clone(&(struct clone){.flags = SIGCHLD});
}

int64_t sys_vfork(struct syscall_args *args)
{
	return do_clone(&(struct clone){.flags = CLONE_VM | CLONE_VFORK | SIGCHLD});
}

int64_t sys_clone(struct syscall_args *args)
{
	return do_clone(&(struct clone){
		.flags = args->arg[0],
		.stack = args->arg[1],
		.parent_tid = args->arg[2],
		.child_tid = args->arg[3],
		.tls = args->arg[4],
	});
}

/* Linux's struct clone_args, as it was first. */
struct user_clone {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

/* What comes behind would be something that is not known, if it were not 0. */
static int check_rest(uintptr_t from, size_t n)
{
	while (n) {
		uint64_t word = 0;
		size_t part = n < sizeof(word) ? n : sizeof(word);

		if (user_read(&word, from, part))
			return -EFAULT;
		if (word)
			return -E2BIG;
		from += part;
		n -= part;
	}
	return 0;
}

int64_t sys_clone3(struct syscall_args *args)
{
	struct user_clone in;
	int error;

	if (args->arg[1] < sizeof(in))
		return -EINVAL;
	if (args->arg[1] > PAGE_SIZE)
		return -E2BIG;
	error = check_rest(args->arg[0] + sizeof(in), args->arg[1] - sizeof(in));
	if (error)
		return error;
	if (user_read(&in, args->arg[0], sizeof(in)))
		return -EFAULT;
	if (in.flags & CLONE_SIGNAL || in.exit_signal > SIGNALS || !in.stack != !in.stack_size)
		return -EINVAL;
	return do_clone(&(struct clone){
		.flags = in.flags | in.exit_signal,
		.stack = in.stack + in.stack_size,
		.parent_tid = in.parent_tid,
		.child_tid = in.child_tid,
		.tls = in.tls,
	});
}
