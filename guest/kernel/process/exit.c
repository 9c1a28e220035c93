/* SPDX-License-Identifier: MIT */
/*
 * exit.c: the end of threads and processes, and how parents learn of it.
 */
#include "arch.h"
#include "errno.h"
#include "fs/files.h"
#include "memory.h"
#include "mm.h"
#include "process.h"
#include "process/calls.h"
#include "process/futex.h"
#include "process/schedule.h"
#include "process/signals.h"
#include "process/table.h"
#include "string.h"
#include "thread.h"
#include "user.h"

#define WNOHANG    1u
#define WUNTRACED  2u /* for waitid: WSTOPPED */
#define WEXITED    4u
#define WCONTINUED 8u
#define WNOWAIT    0x01000000u
#define WAIT_LINUX 0xe0000000u /* __WALL and its like, for threads */

#define P_ALL  0
#define P_PID  1
#define P_PGID 2

#define CONTINUED 0xffff

static bool group_has_stopped(int32_t group)
{
	for (const struct process *p = process_after(0); p; p = p->next) {
		if (p->group == group && p->stopped)
			return true;
	}
	return false;
}

/* POSIX, _exit(): stopped groups that become orphans are hung up and continued. */
static void free_stopped_groups(struct process *process)
{
	for (struct process *p = process_after(0); p; p = p->next) {
		if (p->parent != process || !p->stopped || p->session != process->session ||
			p->group == process->group ||
			!process_group_is_orphaned(p->group, process) ||
			!group_has_stopped(p->group))
			continue;
		signal_send_group(p->group, SIGHUP);
		signal_send_group(p->group, SIGCONT);
	}
}

/* Before the memory goes: the program's own places. */
static void clear_tid(struct thread *thread)
{
	const struct process *process = thread->process;
	uint32_t zero = 0;

	futex_leave(thread);
	if (thread->clear_tid && (process->thread_count > 1 || process->mm->users > 1)) {
		user_write(thread->clear_tid, &zero, sizeof(zero));
		futex_wake_one(thread->clear_tid);
	}
	thread->clear_tid = 0;
}

/* A vfork's parent may go on. */
void process_leave_vfork(struct process *process)
{
	if (!process->vfork)
		return;
	process->vfork->done = true;
	process->vfork = NULL;
	wait_wake(&process->parent->child_events);
}

static void give_back(struct process *process)
{
	struct mm *mm = process->mm;

	files_drop(process->files);
	process->files = NULL;
	fs_context_drop(process->fs);
	process->fs = NULL;
	space_switch(&kernel_space);
	process->mm = NULL;
	mm_drop(mm);
}

static bool nobody_waits(const struct process *process)
{
	const struct signal_action *action;

	if (!process->parent)
		return false;
	action = &process->parent->signals->actions[SIGCHLD - 1];
	return process->exit_signal == SIGCHLD &&
	       (action->handler == SIGNAL_IGNORE || action->flags & SA_NOCLDWAIT);
}

static void tell_end(struct process *process)
{
	int32_t status = process->exit_status;
	bool core = status & 0x80;
	int code = (status & 0x7f) == 0 ? CLD_EXITED : core ? CLD_DUMPED : CLD_KILLED;

	signal_tell_parent(process, code, code == CLD_EXITED ? status >> 8 : status & 0x7f);
}

/* Children of a process that ends belong to the first one, which learns of those that have ended
 * already, unless it does not want to. */
static void orphan_children(struct process *process)
{
	struct process *first = process_first(), *next;

	for (struct process *p = process_after(0); p; p = next) {
		next = p->next;
		if (p->parent != process)
			continue;
		p->parent = first;
		p->exit_signal = SIGCHLD;
		if (p->zombie && nobody_waits(p))
			process_destroy(p);
		else if (p->zombie)
			tell_end(p);
	}
}

/* The last thread goes. */
static void end_process(struct process *process)
{
	if (process == process_first())
		process_first_ends(process->exit_status);
	process->alarm_at = 0;
	terminal_leave(process);
	free_stopped_groups(process);
	orphan_children(process);
	give_back(process);
	process_leave_vfork(process);
	process->zombie = true;
	if (nobody_waits(process)) {
		wait_wake(&process->parent->child_events);
		process_bury_later(process);
	} else {
		tell_end(process);
	}
}

void thread_exit(void)
{
	struct thread *thread = thread_current();
	struct process *process = thread->process;

	clear_tid(thread);
	if (process->thread_count > 1) {
		thread_leave(thread);
		thread_bury_later(thread);
		signals_retarget(process);
		wait_wake(&process->thread_events);
	} else {
		end_process(process);
	}
	thread->state = THREAD_DEAD;
	schedule();
	__builtin_unreachable();
}

void process_exit(int32_t status)
{
	struct thread *self = thread_current();
	struct process *process = self->process;

	if (!process->ending) {
		process->ending = true;
		process->exit_status = status;
	}
	for (struct thread *thread = process->threads; thread; thread = thread->next) {
		if (thread != self)
			thread_kill(thread);
	}
	thread_exit();
}

/* Without another word, a process ends as its first thread did. */
int64_t sys_exit(struct syscall_args *args)
{
	const struct thread *thread = thread_current();
	struct process *process = thread->process;

	if (thread->tid == process->pid && !process->ending)
		process->exit_status = (int32_t)(args->arg[0] & 0xff) << 8;
	thread_exit();
}

int64_t sys_exit_group(struct syscall_args *args)
{
	process_exit((int32_t)(args->arg[0] & 0xff) << 8);
}

/* Which children are meant, and what of them. */
struct wanted {
	int type;
	int32_t id;
	unsigned options;
};

static bool is_meant(const struct process *child, const struct wanted *wanted)
{
	if (child->parent != process_current())
		return false;
	return wanted->type == P_ALL || (wanted->type == P_PID && child->pid == wanted->id) ||
	       (wanted->type == P_PGID && child->group == wanted->id);
}

static bool has_news(const struct process *child, unsigned options)
{
	if (child->zombie)
		return options & WEXITED;
	if (child->stop_status == CONTINUED)
		return options & WCONTINUED;
	return child->stop_status && child->stopped && options & WUNTRACED;
}

/* The child with news, NULL when there is none yet; *any: whether there is a child at all. */
static struct process *find_child(const struct wanted *wanted, bool *any)
{
	*any = false;
	for (struct process *p = process_after(0); p; p = p->next) {
		if (!is_meant(p, wanted))
			continue;
		*any = true;
		if (has_news(p, wanted->options))
			return p;
	}
	return NULL;
}

/* Sleeps until there are news: 0 with *child, which is NULL with WNOHANG, or a negated errno. */
static int wait_for_child(const struct wanted *wanted, struct process **child)
{
	struct process *self = process_current();
	struct wait_entry entry;
	bool any;
	int error = 0;

	wait_prepare(&self->child_events, &entry);
	while (!(*child = find_child(wanted, &any)) && !error) {
		if (!any)
			error = -ECHILD;
		else if (wanted->options & WNOHANG)
			break;
		else
			error = wait_sleep(WAIT_FOREVER);
	}
	wait_finish(&entry);
	return *child ? 0 : error;
}

/* What wait4 says of the child; it is news no more. */
static int32_t take_news(struct process *child, unsigned options)
{
	struct process *self = process_current();
	int32_t status = child->zombie ? child->exit_status : child->stop_status;

	if (options & WNOWAIT)
		return status;
	child->stop_status = 0;
	if (!child->zombie)
		return status;
	self->child_times.user += child->times.user + child->child_times.user;
	self->child_times.system += child->times.system + child->child_times.system;
	process_destroy(child);
	return status;
}

int64_t sys_wait4(struct syscall_args *args)
{
	int32_t which = (int32_t)args->arg[0], pid, status;
	struct wanted wanted = {P_ALL, 0, (unsigned)args->arg[2]};
	struct process *child;
	struct cpu_times times;
	int error;

	if (wanted.options & ~(WNOHANG | WUNTRACED | WCONTINUED | WAIT_LINUX))
		return -EINVAL;
	if (which == INT32_MIN)
		return -ESRCH;
	wanted.options |= WEXITED;
	if (which > 0) {
		wanted.type = P_PID;
		wanted.id = which;
	} else if (which != -1) {
		wanted.type = P_PGID;
		wanted.id = which ? -which : process_current()->group;
	}
	error = wait_for_child(&wanted, &child);
	if (error || !child)
		return error;
	pid = child->pid;
	times = child->times;
	times.user += child->child_times.user;
	status = take_news(child, wanted.options);
	if (args->arg[1] && user_write(args->arg[1], &status, sizeof(status)))
		return -EFAULT;
	if (args->arg[3] && rusage_write(args->arg[3], &times))
		return -EFAULT;
	return pid;
}

/* siginfo_t's words for a child's state. */
static void describe(int32_t status, struct signal_info *info)
{
	if (status == CONTINUED) {
		info->code = CLD_CONTINUED;
		info->value = SIGCONT;
	} else if ((status & 0xff) == 0x7f) {
		info->code = CLD_STOPPED;
		info->value = (uint64_t)(status >> 8);
	} else if (status & 0x7f) {
		info->code = status & 0x80 ? CLD_DUMPED : CLD_KILLED;
		info->value = status & 0x7f;
	} else {
		info->code = CLD_EXITED;
		info->value = (uint64_t)(status >> 8);
	}
}

int64_t sys_waitid(struct syscall_args *args)
{
	struct wanted wanted = {(int)args->arg[0], (int32_t)args->arg[1], (unsigned)args->arg[3]};
	struct signal_info info = {0};
	struct process *child;
	uint8_t out[128];
	int error;

	if (wanted.type < P_ALL || wanted.type > P_PGID ||
		wanted.options &
			~(WNOHANG | WUNTRACED | WEXITED | WCONTINUED | WNOWAIT | WAIT_LINUX) ||
		(wanted.type == P_PID && wanted.id <= 0) ||
		(wanted.type == P_PGID && wanted.id < 0) ||
		!(wanted.options & (WEXITED | WUNTRACED | WCONTINUED)))
		return -EINVAL;
	if (wanted.type == P_PGID && !wanted.id)
		wanted.id = process_current()->group;
	error = wait_for_child(&wanted, &child);
	if (error)
		return error;
	if (child) {
		info.pid = child->pid;
		info.uid = child->credentials.uid;
		describe(take_news(child, wanted.options), &info);
	}
	if (!args->arg[2])
		return 0;
	if (child)
		signal_info_fill(out, SIGCHLD, &info);
	else
		memset(out, 0, sizeof(out));
	return user_write(args->arg[2], out, sizeof(out));
}
