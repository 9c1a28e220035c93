/* SPDX-License-Identifier: MIT */
/*
 * schedule.c: round robin. The timer is armed only for what is due: the end of a time slice when
 * others wait, a timeout, an alarm. Who finds nobody to run halts until an interrupt.
 */
#include "process/schedule.h"

#include "arch.h"
#include "errno.h"
#include "fpu.h"
#include "fs/watch.h"
#include "interrupt.h"
#include "lapic.h"
#include "memory.h"
#include "mm.h"
#include "process/load.h"
#include "process/table.h"
#include "process/timers.h"
#include "signal.h"
#include "thread.h"
#include "time.h"
#include "wait.h"

#define SLICE_NS 10000000ull

/* Between two looks at timers: so long at least, and so many times as long as the last look took.
 * Timers may be wanted to fire with every nanosecond, but programs go on. */
#define REST_NS    100000ull
#define REST_TIMES 4

static struct thread *current;
static struct thread *queue_first, *queue_last;
static uint64_t timer_at = UINT64_MAX; /* when the timer fires; UINT64_MAX: never */
static uintptr_t boot_stack_pointer;
static uint64_t busy_ns; /* what processes had of the CPU, but for the current slice */

struct thread *thread_current(void)
{
	return current;
}

struct process *process_current(void)
{
	return current ? current->process : NULL;
}

static void queue_push(struct thread *thread)
{
	thread->run_next = NULL;
	if (queue_last)
		queue_last->run_next = thread;
	else
		queue_first = thread;
	queue_last = thread;
}

static struct thread *queue_pop(void)
{
	struct thread *thread = queue_first;

	if (!thread)
		return NULL;
	queue_first = thread->run_next;
	if (!queue_first)
		queue_last = NULL;
	return thread;
}

void schedule_timer_at(uint64_t ns)
{
	uint64_t now;

	if (ns >= timer_at)
		return;
	timer_at = ns;
	now = time_ns();
	lapic_timer_arm(ns > now ? ns - now : 1);
}

/* The end of the current thread's time, when somebody waits for it. */
static void limit_slice(void)
{
	if (queue_first && current)
		schedule_timer_at(current->run_start + SLICE_NS);
}

void schedule_wake(struct thread *thread)
{
	if (thread->state == THREAD_RUNNABLE || thread->state == THREAD_DEAD)
		return;
	thread->state = THREAD_RUNNABLE;
	queue_push(thread);
	limit_slice();
}

/* Wakes the threads of a process that slept long enough; returns the next time that matters. */
static uint64_t expire_sleeps(const struct process *process, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (struct thread *thread = process->threads; thread; thread = thread->next) {
		if (thread->state != THREAD_SLEEPING)
			continue;
		if (thread->sleep_until <= now)
			schedule_wake(thread);
		else if (thread->sleep_until < next)
			next = thread->sleep_until;
	}
	return next;
}

/* The same for all processes, and fires timers. */
static uint64_t expire(uint64_t now)
{
	uint64_t next = UINT64_MAX, timers;

	for (struct process *p = process_after(0); p; p = p->next) {
		uint64_t sleep = p->zombie ? UINT64_MAX : expire_sleeps(p, now);
		uint64_t timer = p->zombie ? UINT64_MAX : timers_expire(p, now);

		if (sleep < next)
			next = sleep;
		if (timer < next)
			next = timer;
	}
	timers = timerfd_expire(now);
	return timers < next ? timers : next;
}

unsigned schedule_active(void)
{
	unsigned n = current && current->state == THREAD_RUNNABLE;

	for (const struct thread *thread = queue_first; thread; thread = thread->run_next)
		n++;
	return n;
}

static void timer(unsigned vector)
{
	uint64_t now = time_ns(), next, rest;

	load_update(now, schedule_active());
	timer_at = UINT64_MAX;
	next = expire(now);
	if (queue_first && current && current->state == THREAD_RUNNABLE) {
		if (now >= current->run_start + SLICE_NS) {
			current->wants_reschedule = true;
			current->attention = true;
		} else {
			limit_slice();
		}
	}
	if (next == UINT64_MAX)
		return;
	rest = now + REST_NS + REST_TIMES * (time_ns() - now);
	schedule_timer_at(next > rest ? next : rest);
}

void schedule_init(void)
{
	interrupt_set(VECTOR_TIMER, timer);
}

static void account(struct thread *thread, uint64_t now)
{
	uint64_t ns = now - thread->run_start;

	thread->cpu_ns += ns;
	thread->process->times.user += ns;
	busy_ns += ns;
	thread->run_start = now;
}

uint64_t schedule_busy_ns(void)
{
	return busy_ns + (current ? time_ns() - current->run_start : 0);
}

uint64_t schedule_thread_ns(void)
{
	return current->cpu_ns + (time_ns() - current->run_start);
}

uint64_t schedule_cpu_ns(const struct process *process)
{
	uint64_t ns = process->times.user + process->times.system;

	return process == process_current() ? ns + (time_ns() - current->run_start) : ns;
}

static void load_state(struct thread *to)
{
	cpu_set_stack(to->stack + STACK_SIZE);
	cpu_set_tls(&to->tls);
	space_switch(&to->process->mm->space);
}

/* Halts until an interrupt has made somebody runnable. */
static struct thread *next_thread(void)
{
	struct thread *thread;

	while (!(thread = queue_pop())) {
		/* Until now somebody ran, from now on nobody does. */
		load_update(time_ns(), 1);
		cpu_wait();
		interrupts_disable();
		load_update(time_ns(), 0);
	}
	return thread;
}

void schedule(void)
{
	struct thread *from = current, *to;

	account(from, time_ns());
	to = next_thread();
	to->run_start = time_ns();
	if (to != from) {
		fpu_switch(from->state == THREAD_DEAD ? NULL : from->fpu, to->fpu);
		current = to;
		load_state(to);
		limit_slice();
		context_switch(&from->stack_pointer, to->stack_pointer);
		process_bury();
	}
}

void schedule_yield(void)
{
	if (!queue_first)
		return;
	queue_push(current);
	schedule();
}

void schedule_begin(struct thread *first)
{
	current = first;
}

void schedule_run(void)
{
	current->state = THREAD_RUNNABLE;
	current->run_start = time_ns();
	fpu_restore(current->fpu);
	load_state(current);
	context_switch(&boot_stack_pointer, current->stack_pointer);
}

void schedule_stop(void)
{
	uintptr_t ignored;

	lapic_timer_stop();
	current = NULL;
	context_switch(&ignored, boot_stack_pointer);
	__builtin_unreachable();
}

static void enter(struct wait_queue *queue, struct wait_entry *entry)
{
	entry->next = queue->first;
	if (entry->next)
		entry->next->link = &entry->next;
	entry->link = &queue->first;
	queue->first = entry;
}

void wait_prepare(struct wait_queue *queue, struct wait_entry *entry)
{
	entry->thread = current;
	enter(queue, entry);
}

void wait_watch(
	struct wait_queue *queue, struct wait_entry *entry, void (*notify)(struct wait_entry *))
{
	entry->thread = NULL;
	entry->notify = notify;
	enter(queue, entry);
}

void wait_finish(struct wait_entry *entry)
{
	*entry->link = entry->next;
	if (entry->next)
		entry->next->link = entry->link;
}

void wait_wake(struct wait_queue *queue)
{
	for (struct wait_entry *entry = queue->first; entry; entry = entry->next) {
		struct thread *thread = entry->thread;

		if (!thread) {
			entry->notify(entry);
			continue;
		}
		thread->woken = true;
		if (thread->state == THREAD_SLEEPING || thread->state == THREAD_SLEEPING_DEAF)
			schedule_wake(thread);
	}
}

int wait_sleep(uint64_t until)
{
	struct thread *thread = current;

	if (!thread->woken && !signal_pending(thread)) {
		if (until != WAIT_FOREVER && time_ns() >= until)
			return -ETIMEDOUT;
		thread->sleep_until = until;
		thread->state = THREAD_SLEEPING;
		schedule_timer_at(until);
		schedule();
	}
	if (thread->woken) {
		thread->woken = false;
		return 0;
	}
	if (signal_pending(thread))
		return -ERESTARTSYS;
	return until != WAIT_FOREVER && time_ns() >= until ? -ETIMEDOUT : 0;
}

void wait_sleep_deaf(void)
{
	struct thread *thread = current;

	if (!thread->woken) {
		thread->state = THREAD_SLEEPING_DEAF;
		schedule();
	}
	thread->woken = false;
}

void wait_breathe(void)
{
	interrupts_enable();
	asm volatile("nop");
	interrupts_disable();
	if (!current->wants_reschedule)
		return;
	current->wants_reschedule = false;
	schedule_yield();
}
