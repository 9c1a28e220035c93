/* SPDX-License-Identifier: MIT */
/*
 * deliver.c: before a program goes on: each signal that waits ends it, stops it, is ignored, or
 * makes it go on in a handler; system calls that were interrupted are made again where that is
 * asked for.
 */
#include "arch.h"
#include "errno.h"
#include "process.h"
#include "process/fault.h"
#include "process/schedule.h"
#include "process/signals.h"
#include "thread.h"
#include "user_abi.h"

#define SYSCALL_INSTRUCTION_SIZE 2 /* syscall, int $0x80 */

/* Those whose default ends the process with a core dump, as wait4 tells. */
#define CORE_SIGNALS                                                                            \
	(SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGTRAP) | SIGNAL_BIT(SIGABRT) | \
		SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSEGV) |                 \
		SIGNAL_BIT(SIGXCPU) | SIGNAL_BIT(SIGXFSZ) | SIGNAL_BIT(SIGSYS))
#define WAIT_CORE 0x80

/* The call's number and a RIP that makes it again. */
static void restart(struct trap_frame *frame, uint64_t number)
{
	frame->ax = number;
	frame->ip -= SYSCALL_INSTRUCTION_SIZE;
}

/* The error that an interrupted call left, or 0. */
static int64_t interrupted(const struct trap_frame *frame)
{
	int64_t result = (intptr_t)frame->ax;

	if (frame->vector != VECTOR_SYSCALL || result > -ERESTARTSYS ||
		result < -ERESTART_RESTARTBLOCK)
		return 0;
	return -result;
}

static void restart_without_handler(struct trap_frame *frame)
{
	int64_t error = interrupted(frame);

	if (error == ERESTART_RESTARTBLOCK)
		restart(frame, SYSCALL_RESTART);
	else if (error)
		restart(frame, frame->error);
}

static void restart_around_handler(struct trap_frame *frame, uint64_t flags)
{
	int64_t error = interrupted(frame);

	if (error == ERESTARTNOINTR || (error == ERESTARTSYS && flags & SA_RESTART))
		restart(frame, frame->error);
	else if (error)
		frame->ax = -(uintptr_t)EINTR;
}

void thread_park(void)
{
	struct thread *thread = thread_current();

	while (thread->process->stopped && !thread->killed) {
		thread->state = THREAD_STOPPED;
		schedule();
	}
}

static void stop(struct process *process, int signal)
{
	process->stop_status = signal << 8 | 0x7f;
	process->stopped = true;
	for (struct thread *thread = process->threads; thread; thread = thread->next)
		thread->attention = true;
	signal_tell_parent(process, CLD_STOPPED, signal);
	thread_park();
}

static void act_by_default(struct process *process, int signal)
{
	switch (signal) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
		return;
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		/* POSIX, 2.4.3 "Signal Actions": not where nobody would continue it. */
		if (!process_group_is_orphaned(process->group, NULL))
			stop(process, signal);
		return;
	case SIGSTOP:
		stop(process, signal);
		return;
	default:
		process_exit(signal | (CORE_SIGNALS & SIGNAL_BIT(signal) ? WAIT_CORE : 0));
	}
}

static void call_handler(
	struct thread *thread, struct trap_frame *frame, int signal, const struct signal_info *info)
{
	struct thread_signals *signals = &thread->signals;
	struct signal_action *action = &thread->process->signals->actions[signal - 1];
	const struct signal_action now = *action;
	uint64_t mask = signals->restore ? signals->saved : signals->blocked;

	restart_around_handler(frame, now.flags);
	signals->restore = false;
	if (!signal_frame_push(thread, frame, signal, info, &now, mask)) {
		/* The handler of that would find no room either. */
		if (signal == SIGSEGV)
			action->handler = SIGNAL_DEFAULT;
		signal_force(SIGSEGV, SI_KERNEL, 0);
		return;
	}
	if (now.flags & SA_RESETHAND)
		action->handler = SIGNAL_DEFAULT;
	signal_set_blocked(thread,
		signals->blocked | now.mask | (now.flags & SA_NODEFER ? 0 : SIGNAL_BIT(signal)));
}

static void deliver(struct thread *thread, struct trap_frame *frame)
{
	struct thread_signals *signals = &thread->signals;
	struct process *process = thread->process;
	struct signal_info info;
	int signal;

	while (!thread->killed && (signal = signal_take(thread, ~signals->blocked, &info))) {
		uint64_t handler = process->signals->actions[signal - 1].handler;

		if (handler > SIGNAL_IGNORE)
			call_handler(thread, frame, signal, &info);
		else if (handler == SIGNAL_DEFAULT)
			act_by_default(process, signal);
	}
	restart_without_handler(frame);
	if (signals->restore) {
		signals->restore = false;
		signal_set_blocked(thread, signals->saved);
	}
}

void process_return(struct trap_frame *frame)
{
	struct thread *thread = thread_current();

	while (thread && thread->attention) {
		thread->attention = false;
		if (thread->wants_reschedule) {
			thread->wants_reschedule = false;
			schedule_yield();
		}
		thread_park();
		if (thread->killed)
			thread_exit();
		deliver(thread, frame);
	}
}
