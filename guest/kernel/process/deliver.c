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

static void stop(struct process *process, int signal)
{
	process->stop_status = signal << 8 | 0x7f;
	process->state = PROCESS_STOPPED;
	signal_tell_parent(process, CLD_STOPPED, signal);
	schedule();
}

static void act_by_default(struct process *process, int signal)
{
	switch (signal) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
		return;
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		stop(process, signal);
		return;
	default:
		process_exit(signal | (CORE_SIGNALS & SIGNAL_BIT(signal) ? WAIT_CORE : 0));
	}
}

static void call_handler(struct process *process, struct trap_frame *frame, int signal,
	const struct signal_info *info)
{
	struct signals *signals = process->signals;
	struct signal_action *action = &signals->actions[signal - 1], now = *action;
	uint64_t mask = signals->restore ? signals->saved : signals->blocked;

	restart_around_handler(frame, now.flags);
	signals->restore = false;
	if (!signal_frame_push(process, frame, signal, info, &now, mask)) {
		/* The handler of that would find no room either. */
		if (signal == SIGSEGV)
			action->handler = SIGNAL_DEFAULT;
		signal_force(process, SIGSEGV, SI_KERNEL, 0);
		return;
	}
	if (now.flags & SA_RESETHAND)
		action->handler = SIGNAL_DEFAULT;
	signal_set_blocked(process,
		signals->blocked | now.mask | (now.flags & SA_NODEFER ? 0 : SIGNAL_BIT(signal)));
}

void signal_deliver(struct trap_frame *frame)
{
	struct process *process = process_current();
	struct signals *signals = process->signals;
	struct signal_info info;
	int signal;

	while ((signal = signal_take(process, ~signals->blocked, &info))) {
		uint64_t handler = signals->actions[signal - 1].handler;

		if (handler > SIGNAL_IGNORE)
			call_handler(process, frame, signal, &info);
		else if (handler == SIGNAL_DEFAULT)
			act_by_default(process, signal);
	}
	restart_without_handler(frame);
	if (signals->restore) {
		signals->restore = false;
		signal_set_blocked(process, signals->saved);
	}
}

void process_return(struct trap_frame *frame)
{
	struct process *process = process_current();

	while (process && process->attention) {
		process->attention = false;
		if (process->wants_reschedule) {
			process->wants_reschedule = false;
			schedule_yield();
		}
		signal_deliver(frame);
	}
}
