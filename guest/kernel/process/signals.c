/* SPDX-License-Identifier: MIT */
/*
 * signals.c: sending signals: who gets them, who is woken.
 */
#include "process/signals.h"

#include "arch.h"
#include "fs/watch.h"
#include "memory.h"
#include "process.h"
#include "process/schedule.h"
#include "string.h"
#include "thread.h"

#define STOP_SIGNALS \
	(SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))
#define UNBLOCKABLE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

/* Signals whose default is to do nothing. */
#define DEFAULT_IGNORED \
	(SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH))

struct signals *signals_create(const struct signals *from)
{
	struct signals *signals = kmalloc(sizeof(*signals), "signals");

	if (!signals)
		return NULL;
	if (from)
		memcpy(signals->actions, from->actions, sizeof(from->actions));
	else
		memset(signals->actions, 0, sizeof(signals->actions));
	signals->queue.pending = 0;
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
}

static bool ignores(const struct process *process, int signal)
{
	uint64_t handler = process->signals->actions[signal - 1].handler;

	return handler == SIGNAL_IGNORE ||
	       (handler == SIGNAL_DEFAULT && (DEFAULT_IGNORED & SIGNAL_BIT(signal)));
}

bool signal_ignored(int signal)
{
	const struct thread *thread = thread_current();

	return thread->signals.blocked & SIGNAL_BIT(signal) ||
	       thread->process->signals->actions[signal - 1].handler == SIGNAL_IGNORE;
}

uint64_t signals_waiting(const struct thread *thread)
{
	return thread->signals.queue.pending | thread->process->signals->queue.pending;
}

/* Those that the thread would handle. */
static uint64_t wanted(const struct thread *thread)
{
	return ~thread->signals.blocked | thread->signals.waited;
}

bool signal_pending(const struct thread *thread)
{
	return thread->killed || signals_waiting(thread) & wanted(thread);
}

bool signal_is_deadly(int signal)
{
	const struct thread *thread = thread_current();

	return thread->process->signals->actions[signal - 1].handler <= SIGNAL_IGNORE ||
	       thread->signals.blocked & SIGNAL_BIT(signal);
}

bool thread_is_ending(const struct thread *thread)
{
	return thread->killed || signals_waiting(thread) & SIGNAL_BIT(SIGKILL);
}

/* Who is deaf learns of his end. */
static void notify(struct thread *thread)
{
	thread->attention = true;
	if (thread->state == THREAD_SLEEPING ||
		(thread->state == THREAD_SLEEPING_DEAF && thread_is_ending(thread)))
		schedule_wake(thread);
}

void thread_kill(struct thread *thread)
{
	thread->killed = true;
	notify(thread);
	if (thread->state == THREAD_STOPPED)
		schedule_wake(thread);
}

/* The first of the threads that would handle it; one may not be able to when all are to end. */
static void notify_one(struct process *process, int signal)
{
	for (struct thread *thread = process->threads; thread; thread = thread->next) {
		if (!(wanted(thread) & SIGNAL_BIT(signal)))
			continue;
		notify(thread);
		if (signal != SIGKILL)
			break;
	}
}

void signals_retarget(struct process *process)
{
	uint64_t pending = process->signals->queue.pending;

	for (; pending; pending &= pending - 1)
		notify_one(process, __builtin_ctzll(pending) + 1);
}

void signal_forget(struct process *process, uint64_t set)
{
	process->signals->queue.pending &= ~set;
	for (struct thread *thread = process->threads; thread; thread = thread->next)
		thread->signals.queue.pending &= ~set;
}

static void go_on(struct process *process)
{
	process->stopped = false;
	for (struct thread *thread = process->threads; thread; thread = thread->next) {
		if (thread->state == THREAD_STOPPED)
			schedule_wake(thread);
	}
}

/* Stopping and continuing cancel each other, whatever the process does about them. */
static void cancel_opposites(struct process *process, int signal)
{
	if (SIGNAL_BIT(signal) & STOP_SIGNALS)
		signal_forget(process, SIGNAL_BIT(SIGCONT));
	if (signal == SIGCONT)
		signal_forget(process, STOP_SIGNALS);
	if (process->stopped && signal == SIGCONT) {
		process->stop_status = 0;
		signal_tell_parent(process, CLD_CONTINUED, SIGCONT);
		process->stop_status = 0xffff;
	}
	if (process->stopped && (signal == SIGCONT || signal == SIGKILL))
		go_on(process);
}

/* Whether the signal goes into the queue; what is ignored does, where somebody blocks it. */
static bool enqueue(struct signal_queue *queue, const struct process *process, uint64_t blocked,
	int signal, const struct signal_info *info)
{
	uint64_t bit = SIGNAL_BIT(signal);

	if (queue->pending & bit || (ignores(process, signal) && !(blocked & bit)))
		return false;
	queue->pending |= bit;
	queue->info[signal - 1] = *info;
	signalfd_notify();
	return true;
}

void signal_send_info(struct process *process, int signal, const struct signal_info *info)
{
	uint64_t blocked = 0;

	if (process->zombie)
		return;
	cancel_opposites(process, signal);
	for (const struct thread *thread = process->threads; thread; thread = thread->next)
		blocked |= thread->signals.blocked | thread->signals.waited;
	if (enqueue(&process->signals->queue, process, blocked, signal, info))
		notify_one(process, signal);
}

void signal_send_thread_info(struct thread *thread, int signal, const struct signal_info *info)
{
	struct thread_signals *signals = &thread->signals;

	cancel_opposites(thread->process, signal);
	if (enqueue(&signals->queue, thread->process, signals->blocked | signals->waited, signal,
		    info) &&
		wanted(thread) & SIGNAL_BIT(signal))
		notify(thread);
}

void signal_send(struct process *process, int signal)
{
	const struct signal_info info = {.code = SI_KERNEL};

	signal_send_info(process, signal, &info);
}

void signal_send_thread(struct thread *thread, int signal)
{
	const struct signal_info info = {.code = SI_KERNEL};

	signal_send_thread_info(thread, signal, &info);
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

void signal_force(int signal, int code, uint64_t address)
{
	struct thread *thread = thread_current();
	struct signal_queue *queue = &thread->signals.queue;

	if (signal_is_deadly(signal)) {
		thread->process->signals->actions[signal - 1].handler = SIGNAL_DEFAULT;
		thread->signals.blocked &= ~SIGNAL_BIT(signal);
	}
	queue->pending |= SIGNAL_BIT(signal);
	queue->info[signal - 1] = (struct signal_info){.code = code, .value = address};
	thread->attention = true;
}

static int take(struct signal_queue *queue, uint64_t set, struct signal_info *info)
{
	uint64_t ready = queue->pending & set;
	int signal;

	if (!ready)
		return 0;
	/* Faults come first: they belong to the instruction at hand. */
	if (ready & (SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS)))
		signal = ready & SIGNAL_BIT(SIGSEGV) ? SIGSEGV : SIGBUS;
	else
		signal = __builtin_ctzll(ready) + 1;
	queue->pending &= ~SIGNAL_BIT(signal);
	*info = queue->info[signal - 1];
	return signal;
}

int signal_take(struct thread *thread, uint64_t set, struct signal_info *info)
{
	int signal = take(&thread->signals.queue, set, info);

	return signal ? signal : take(&thread->process->signals->queue, set, info);
}

void signal_set_blocked(struct thread *thread, uint64_t blocked)
{
	uint64_t before = thread->signals.blocked;
	struct process *process = thread->process;

	thread->signals.blocked = blocked & ~UNBLOCKABLE;
	if (signal_pending(thread))
		thread->attention = true;
	/* Another may have to do what this one was asked to. */
	if (process->thread_count > 1 && blocked & ~before & process->signals->queue.pending)
		signals_retarget(process);
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
