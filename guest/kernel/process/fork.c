/* SPDX-License-Identifier: MIT */
/*
 * fork.c: new processes: fork, vfork, clone.
 */
#include "arch.h"
#include "errno.h"
#include "fs/files.h"
#include "mm.h"
#include "process.h"
#include "process/calls.h"
#include "process/schedule.h"
#include "process/table.h"
#include "user.h"

#define CLONE_SIGNAL         0xffu
#define CLONE_VM             0x00000100u
#define CLONE_FS             0x00000200u
#define CLONE_FILES          0x00000400u
#define CLONE_SIGHAND        0x00000800u
#define CLONE_VFORK          0x00004000u
#define CLONE_PARENT         0x00008000u
#define CLONE_THREAD         0x00010000u
#define CLONE_SYSVSEM        0x00040000u
#define CLONE_SETTLS         0x00080000u
#define CLONE_PARENT_SETTID  0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_CHILD_SETTID   0x01000000u
#define CLONE_KNOWN                                                                       \
	(CLONE_SIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_VFORK | CLONE_SYSVSEM | \
		CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID)

struct clone {
	uint64_t flags, stack, parent_tid, child_tid, tls;
};

struct trap_frame *process_frame(struct process *process)
{
	return (struct trap_frame *)(process->stack + STACK_SIZE) - 1;
}

/* Memory, files and registers of the child; false: no memory. */
static bool furnish(struct process *child, struct process *parent, const struct clone *clone)
{
	struct trap_frame *frame = process_start_frame(child);

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
	if (!child->mm || !child->files || !child->fs)
		return false;
	*frame = *process_frame(parent);
	frame->ax = 0;
	frame->vector = VECTORS;
	if (clone->stack)
		frame->sp = clone->stack;
	if (clone->flags & CLONE_CHILD_CLEARTID)
		child->clear_tid = clone->child_tid;
	child->exit_signal = (int32_t)(clone->flags & CLONE_SIGNAL);
	return true;
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

static int64_t do_clone(const struct clone *clone)
{
	struct process *parent = process_current(), *child;
	struct cpu_tls tls = parent->tls;
	int32_t pid;
	int error;

	if (clone->flags & ~(uint64_t)CLONE_KNOWN || (clone->flags & CLONE_SIGNAL) > SIGNALS)
		return -EINVAL;
	error = clone->flags & CLONE_SETTLS ? cpu_read_tls(&tls, clone->tls) : 0;
	if (error)
		return error;
	fpu_save(parent->fpu);
	child = process_create(parent);
	if (!child)
		return -EAGAIN;
	child->tls = tls;
	if (!furnish(child, parent, clone)) {
		give_up(child);
		return -ENOMEM;
	}
	pid = child->pid;
	if (clone->flags & CLONE_CHILD_SETTID)
		mm_poke(child->mm, clone->child_tid, &pid, sizeof(pid));
	if (clone->flags & CLONE_PARENT_SETTID)
		user_write(clone->parent_tid, &pid, sizeof(pid));
	schedule_wake(child);
	if (clone->flags & CLONE_VFORK)
		process_wait_vfork(child);
	return pid;
}

/* Until the child has memory of its own, or is no more. It cannot be waited for before. */
void process_wait_vfork(struct process *child)
{
	struct process *parent = process_current();
	struct wait_entry entry;

	wait_prepare(&parent->child_events, &entry);
	while (!child->vfork_done)
		wait_sleep_deaf();
	wait_finish(&entry);
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

int64_t sys_clone3(struct syscall_args *args)
{
	struct user_clone in;

	if (args->arg[1] < sizeof(in))
		return -EINVAL;
	if (args->arg[1] > PAGE_SIZE)
		return -E2BIG;
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
