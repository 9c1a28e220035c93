/* SPDX-License-Identifier: MIT */
/*
 * signal_calls.c: the system calls about signals.
 */
#include "arch.h"
#include "errno.h"
#include "process.h"
#include "process/calls.h"
#include "process/user_time.h"
#include "string.h"
#include "thread.h"
#include "time.h"
#include "user.h"
#include "user_abi.h"

#define MASK_SIZE   8
#define QUEUED_SIZE 32 /* of a siginfo_t, what sigqueue fills */

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SS_ONSTACK       1
#define SS_DISABLE       2
#define SIGNAL_STACK_MIN 2048

struct user_stack {
	user_ulong address;
	int32_t flags;
	user_ulong size;
};

struct user_action {
	user_ulong handler, flags, restorer;
	uint64_t mask;
};

int64_t sys_rt_sigaction(struct syscall_args *args)
{
	struct signals *signals = process_current()->signals;
	uint64_t signal = args->arg[0];
	struct signal_action *action;
	struct user_action out, in;

	if (args->arg[3] != MASK_SIZE || signal - 1 >= SIGNALS ||
		(args->arg[1] && (signal == SIGKILL || signal == SIGSTOP)))
		return -EINVAL;
	action = &signals->actions[signal - 1];
	out = (struct user_action){(user_ulong)action->handler, (user_ulong)action->flags,
		(user_ulong)action->restorer, action->mask};
	if (args->arg[1] && user_read(&in, args->arg[1], sizeof(in)))
		return -EFAULT;
	if (args->arg[2] && user_write(args->arg[2], &out, sizeof(out)))
		return -EFAULT;
	if (!args->arg[1])
		return 0;
	*action = (struct signal_action){in.handler, in.flags, in.restorer, in.mask};
	if (action->handler == SIGNAL_IGNORE ||
		(action->handler == SIGNAL_DEFAULT && signal == SIGCHLD))
		signal_forget(process_current(), SIGNAL_BIT(signal));
	return 0;
}

int64_t sys_rt_sigprocmask(struct syscall_args *args)
{
	struct thread *thread = thread_current();
	uint64_t old = thread->signals.blocked, set;

	if (args->arg[3] != MASK_SIZE)
		return -EINVAL;
	if (args->arg[1]) {
		if (user_read(&set, args->arg[1], sizeof(set)))
			return -EFAULT;
		switch ((int)args->arg[0]) {
		case SIG_BLOCK:
			signal_set_blocked(thread, old | set);
			break;
		case SIG_UNBLOCK:
			signal_set_blocked(thread, old & ~set);
			break;
		case SIG_SETMASK:
			signal_set_blocked(thread, set);
			break;
		default:
			return -EINVAL;
		}
	}
	return args->arg[2] ? user_write(args->arg[2], &old, sizeof(old)) : 0;
}

int64_t sys_rt_sigreturn(struct syscall_args *args)
{
	struct thread *thread = thread_current();
	struct trap_frame *frame = thread_frame(thread);

	if (!signal_frame_pop(thread, frame)) {
		signal_force(SIGSEGV, SI_KERNEL, 0);
		return 0;
	}
	return (int64_t)frame->ax;
}

int64_t sys_rt_sigpending(struct syscall_args *args)
{
	const struct thread *thread = thread_current();
	uint64_t set = signals_waiting(thread) & thread->signals.blocked;

	return args->arg[1] > MASK_SIZE ? -EINVAL : user_write(args->arg[0], &set, args->arg[1]);
}

/* Until a signal: its handler runs with the mask in force here, then the old one comes back. */
int64_t sys_rt_sigsuspend(struct syscall_args *args)
{
	uint64_t set;

	if (args->arg[1] != MASK_SIZE)
		return -EINVAL;
	if (user_read(&set, args->arg[0], sizeof(set)))
		return -EFAULT;
	signal_swap_mask(set);
	while (wait_sleep(WAIT_FOREVER) != -ERESTARTSYS)
		;
	return -ERESTARTNOHAND;
}

void signal_swap_mask(uint64_t set)
{
	struct thread *thread = thread_current();

	thread->signals.saved = thread->signals.blocked;
	thread->signals.restore = true;
	thread->attention = true;
	signal_set_blocked(thread, set);
}

int64_t sys_pause(struct syscall_args *args)
{
	while (wait_sleep(WAIT_FOREVER) != -ERESTARTSYS)
		;
	return -ERESTARTNOHAND;
}

int64_t sys_rt_sigtimedwait(struct syscall_args *args)
{
	struct thread *thread = thread_current();
	uint64_t set, until = WAIT_FOREVER;
	struct signal_info info;
	uint8_t out[128];
	int signal, error = 0;

	if (args->arg[3] != MASK_SIZE)
		return -EINVAL;
	if (user_read(&set, args->arg[0], sizeof(set)))
		return -EFAULT;
	if (args->arg[2]) {
		error = time_read(args->arg[2], 1, &until);
		if (error)
			return error;
		until += time_ns();
	}
	set &= ~(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP));
	thread->signals.waited = set;
	while (!(signal = signal_take(thread, set, &info)) && !error)
		error = wait_sleep(until);
	thread->signals.waited = 0;
	if (!signal)
		return error == -ETIMEDOUT ? -EAGAIN : -EINTR;
	signal_info_fill(out, signal, &info);
	if (args->arg[1] && user_write(args->arg[1], out, sizeof(out)))
		return -EFAULT;
	return signal;
}

int64_t sys_sigaltstack(struct syscall_args *args)
{
	struct thread *thread = thread_current();
	struct thread_signals *signals = &thread->signals;
	uint64_t sp = thread_frame(thread)->sp;
	bool active = sp - signals->stack - 1 < signals->stack_size;
	struct user_stack stack, old = {
					 .address = (user_ulong)signals->stack,
					 .flags = !signals->stack_size ? SS_DISABLE
	                                          : active             ? SS_ONSTACK
	                                                               : 0,
					 .size = (user_ulong)signals->stack_size,
				 };

	if (args->arg[0]) {
		if (user_read(&stack, args->arg[0], sizeof(stack)))
			return -EFAULT;
		if (active)
			return -EPERM;
		if (stack.flags & ~(SS_DISABLE | SS_ONSTACK))
			return -EINVAL;
		if (stack.flags & SS_DISABLE)
			stack.address = stack.size = 0;
		else if (stack.size < SIGNAL_STACK_MIN)
			return -ENOMEM;
		signals->stack = stack.address;
		signals->stack_size = stack.size;
	}
	return args->arg[1] ? user_write(args->arg[1], &old, sizeof(old)) : 0;
}

static bool may_signal(const struct process *to, int signal)
{
	const struct process *self = process_current();
	const struct credentials *a = &self->credentials, *b = &to->credentials;

	return a->euid == 0 || a->euid == b->uid || a->uid == b->uid || a->uid == b->suid ||
	       (signal == SIGCONT && self->session == to->session);
}

static int send(struct process *to, int signal)
{
	const struct process *self = process_current();
	const struct signal_info info = {SI_USER, self->pid, self->credentials.uid, 0};

	if (!may_signal(to, signal))
		return -EPERM;
	if (signal)
		signal_send_info(to, signal, &info);
	return 0;
}

/* To a group, or (group 0) to all but the first process and the caller. */
static int send_all(int32_t group, int signal)
{
	int error = -ESRCH;

	for (struct process *p = process_after(0); p; p = p->next) {
		if (group ? p->group != group : p->pid == 1 || p == process_current())
			continue;
		if (send(p, signal) == 0)
			error = 0;
		else if (error)
			error = -EPERM;
	}
	return error;
}

int64_t sys_kill(struct syscall_args *args)
{
	int32_t pid = (int32_t)args->arg[0];
	struct process *to;

	if (args->arg[1] > SIGNALS)
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid < 0)
		return send_all(pid == -1 ? 0 : -pid, (int)args->arg[1]);
	if (pid == 0)
		return send_all(process_current()->group, (int)args->arg[1]);
	to = process_find(pid);
	return to ? send(to, (int)args->arg[1]) : -ESRCH;
}

/* To a thread; group: of this process, unless it is 0. */
static int64_t send_thread(int32_t group, int32_t tid, uint64_t signal)
{
	const struct process *self = process_current();
	const struct signal_info info = {SI_TKILL, self->pid, self->credentials.uid, 0};
	struct thread *to;

	if (tid <= 0 || signal > SIGNALS)
		return -EINVAL;
	to = thread_find(tid);
	if (!to || (group && to->process->pid != group))
		return -ESRCH;
	if (!may_signal(to->process, (int)signal))
		return -EPERM;
	if (signal)
		signal_send_thread_info(to, (int)signal, &info);
	return 0;
}

/* A siginfo_t of the sender's making: its code, and its value where sigqueue puts it. To others it
 * may not look as if it came from the kernel or by kill. */
static int read_info(uintptr_t from, bool to_self, struct signal_info *info)
{
	uint8_t in[QUEUED_SIZE];
	user_ulong value;

	if (user_read(in, from, sizeof(in)))
		return -EFAULT;
	memcpy(&info->code, in + 8, sizeof(info->code));
	memcpy(&info->pid, in + SIGNAL_INFO_FIELDS, sizeof(info->pid));
	memcpy(&info->uid, in + SIGNAL_INFO_FIELDS + 4, sizeof(info->uid));
	memcpy(&value, in + SIGNAL_INFO_FIELDS + 8, sizeof(value));
	info->value = value;
	return (info->code >= 0 || info->code == SI_TKILL) && !to_self ? -EPERM : 0;
}

static int may_queue(const struct process *to, uint64_t signal)
{
	if (!to)
		return -ESRCH;
	if (signal > SIGNALS)
		return -EINVAL;
	return may_signal(to, (int)signal) ? 0 : -EPERM;
}

int64_t sys_rt_sigqueueinfo(struct syscall_args *args)
{
	int32_t pid = (int32_t)args->arg[0];
	struct process *to = process_find(pid);
	struct signal_info info;
	int error = read_info(args->arg[2], pid == process_current()->pid, &info);

	if (!error)
		error = may_queue(to, args->arg[1]);
	if (!error && args->arg[1])
		signal_send_info(to, (int)args->arg[1], &info);
	return error;
}

int64_t sys_rt_tgsigqueueinfo(struct syscall_args *args)
{
	int32_t group = (int32_t)args->arg[0], tid = (int32_t)args->arg[1];
	struct signal_info info;
	struct thread *to;
	int error;

	if (group <= 0 || tid <= 0)
		return -EINVAL;
	to = thread_find(tid);
	if (to && to->process->pid != group)
		to = NULL;
	error = read_info(args->arg[3], to == thread_current(), &info);
	if (!error)
		error = may_queue(to ? to->process : NULL, args->arg[2]);
	if (!error && args->arg[2])
		signal_send_thread_info(to, (int)args->arg[2], &info);
	return error;
}

int64_t sys_tkill(struct syscall_args *args)
{
	return send_thread(0, (int32_t)args->arg[0], args->arg[1]);
}

int64_t sys_tgkill(struct syscall_args *args)
{
	return (int32_t)args->arg[0] <= 0
	               ? -EINVAL
	               : send_thread((int32_t)args->arg[0], (int32_t)args->arg[1], args->arg[2]);
}
