/* SPDX-License-Identifier: MIT */
/*
 * signals.c: sending signals: who gets them, who is woken.
 */
#include "process/signals.h"

#include "arch.h"
#include "memory.h"
#include "process.h"
#include "process/schedule.h"
#include "string.h"

#define STOP_SIGNALS \
	(SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))
#define UNBLOCKABLE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

/* Signals whose default is to do nothing. */
#define DEFAULT_IGNORED \
	(SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH))

struct signals *signals_create(const struct signals *from)
{
	struct signals *signals = kzalloc(sizeof(*signals), "signals");

	if (!signals || !from)
		return signals;
	signals->blocked = from->blocked;
	signals->stack = from->stack;
	signals->stack_size = from->stack_size;
	memcpy(signals->actions, from->actions, sizeof(from->actions));
	return signals;
}

void signals_reset(struct signals *signals)
{
	for (int i = 0; i < SIGNALS; i++) {
		struct signal_action *action = &signals->actions[i];

		if (action->handler != SIGNAL_IGNORE)
			*action = (struct signal_action){0};
		else
			action->flags = action->mask = action->restorer = 0;
	}
	signals->stack = signals->stack_size = 0;
}

static bool ignores(const struct signals *signals, int signal)
{
	uint64_t handler = signals->actions[signal - 1].handler;

	return handler == SIGNAL_IGNORE ||
	       (handler == SIGNAL_DEFAULT && (DEFAULT_IGNORED & SIGNAL_BIT(signal)));
}

bool signal_ignored(const struct process *process, int signal)
{
	return process->signals->blocked & SIGNAL_BIT(signal) ||
	       process->signals->actions[signal - 1].handler == SIGNAL_IGNORE;
}

bool signal_pending(const struct process *process)
{
	const struct signals *signals = process->signals;

	return signals->pending & (~signals->blocked | signals->waited);
}

bool signal_is_deadly(const struct process *process, int signal)
{
	const struct signals *signals = process->signals;

	return signals->actions[signal - 1].handler <= SIGNAL_IGNORE ||
	       signals->blocked & SIGNAL_BIT(signal);
}

/* Stopping and continuing cancel each other, whatever the process does about them. */
static void cancel_opposites(struct process *process, int signal)
{
	struct signals *signals = process->signals;

	if (SIGNAL_BIT(signal) & STOP_SIGNALS)
		signals->pending &= ~SIGNAL_BIT(SIGCONT);
	if (signal == SIGCONT)
		signals->pending &= ~STOP_SIGNALS;
	if (process->state == PROCESS_STOPPED && signal == SIGCONT) {
		process->stop_status = 0;
		signal_tell_parent(process, CLD_CONTINUED, SIGCONT);
		process->stop_status = 0xffff;
	}
	if (process->state == PROCESS_STOPPED && (signal == SIGCONT || signal == SIGKILL))
		schedule_wake(process);
}

void signal_send_info(struct process *process, int signal, const struct signal_info *info)
{
	struct signals *signals = process->signals;
	uint64_t bit = SIGNAL_BIT(signal);

	if (process->state == PROCESS_ZOMBIE)
		return;
	cancel_opposites(process, signal);
	if (signals->pending & bit ||
		(ignores(signals, signal) && !((signals->blocked | signals->waited) & bit)))
		return;
	signals->pending |= bit;
	signals->info[signal - 1] = *info;
	if (!signal_pending(process))
		return;
	process->attention = true;
	if (process->state == PROCESS_SLEEPING)
		schedule_wake(process);
}

void signal_send(struct process *process, int signal)
{
	const struct signal_info info = {.code = SI_KERNEL};

	signal_send_info(process, signal, &info);
}

unsigned signal_send_group(int32_t group, int signal)
{
	unsigned sent = 0;

	for (struct process *p = process_after(0); p; p = p->next) {
		if (p->group != group)
			continue;
		signal_send(p, signal);
		sent++;
	}
	return sent;
}

void signal_force(struct process *process, int signal, int code, uint64_t address)
{
	struct signals *signals = process->signals;
	const struct signal_info info = {.code = code, .value = address};

	if (signal_is_deadly(process, signal)) {
		signals->actions[signal - 1].handler = SIGNAL_DEFAULT;
		signals->blocked &= ~SIGNAL_BIT(signal);
	}
	signals->pending |= SIGNAL_BIT(signal);
	signals->info[signal - 1] = info;
	process->attention = true;
}

int signal_take(struct process *process, uint64_t set, struct signal_info *info)
{
	struct signals *signals = process->signals;
	uint64_t ready = signals->pending & set;
	int signal;

	if (!ready)
		return 0;
	/* Faults come first: they belong to the instruction at hand. */
	if (ready & (SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS)))
		signal = ready & SIGNAL_BIT(SIGSEGV) ? SIGSEGV : SIGBUS;
	else
		signal = __builtin_ctzll(ready) + 1;
	signals->pending &= ~SIGNAL_BIT(signal);
	*info = signals->info[signal - 1];
	return signal;
}

void signal_set_blocked(struct process *process, uint64_t blocked)
{
	process->signals->blocked = blocked & ~UNBLOCKABLE;
	if (signal_pending(process))
		process->attention = true;
}

void signal_tell_parent(struct process *process, int code, int status)
{
	struct process *parent = process->parent;
	const struct signal_info info = {
		.code = code,
		.pid = process->pid,
		.uid = process->credentials.uid,
		.value = (uint32_t)status,
	};
	bool stop = code == CLD_STOPPED || code == CLD_CONTINUED;
	int signal = stop ? SIGCHLD : process->exit_signal;

	if (!parent)
		return;
	if (signal && !(stop && parent->signals->actions[SIGCHLD - 1].flags & SA_NOCLDSTOP))
		signal_send_info(parent, signal, &info);
	wait_wake(&parent->child_events);
}
