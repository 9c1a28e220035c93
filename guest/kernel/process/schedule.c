/* SPDX-License-Identifier: MIT */
/*
 * schedule.c: round robin. The timer is armed only for what is due: the end of a time slice when
 * others wait, a timeout, an alarm. Who finds nobody to run halts until an interrupt.
 */
#include "process/schedule.h"

#include "arch.h"
#include "errno.h"
#include "interrupt.h"
#include "lapic.h"
#include "memory.h"
#include "mm.h"
#include "process.h"
#include "process/load.h"
#include "process/table.h"
#include "process/timers.h"
#include "signal.h"
#include "time.h"
#include "wait.h"

#define SLICE_NS 10000000ull

static struct process *current;
static struct process *queue_first, *queue_last;
static uint64_t timer_at = UINT64_MAX; /* when the timer fires; UINT64_MAX: never */
static uintptr_t boot_stack_pointer;
static uint64_t busy_ns;           /* what processes had of the CPU, but for the current slice */
static struct process *loaded_fpu; /* whose registers the FPU holds */

struct process *process_current(void)
{
	return current;
}

static void queue_push(struct process *process)
{
	process->run_next = NULL;
	if (queue_last)
		queue_last->run_next = process;
	else
		queue_first = process;
	queue_last = process;
}

static struct process *queue_pop(void)
{
	struct process *process = queue_first;

	if (!process)
		return NULL;
	queue_first = process->run_next;
	if (!queue_first)
		queue_last = NULL;
	return process;
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

/* The end of the current process's time, when somebody waits for it. */
static void limit_slice(void)
{
	if (queue_first && current)
		schedule_timer_at(current->run_start + SLICE_NS);
}

void schedule_wake(struct process *process)
{
	if (process->state == PROCESS_RUNNABLE || process->state == PROCESS_ZOMBIE)
		return;
	process->state = PROCESS_RUNNABLE;
	queue_push(process);
	limit_slice();
}

/* Wakes who slept long enough, fires timers; returns the next time that matters. */
static uint64_t expire(uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (struct process *p = process_after(0); p; p = p->next) {
		bool sleeps = p->state == PROCESS_SLEEPING;

		if (sleeps && p->sleep_until <= now)
			schedule_wake(p);
		else if (sleeps && p->sleep_until < next)
			next = p->sleep_until;
		if (p->state != PROCESS_ZOMBIE) {
			uint64_t timer = timers_expire(p, now);

			if (timer < next)
				next = timer;
		}
	}
	return next;
}

unsigned schedule_active(void)
{
	unsigned n = current && current->state == PROCESS_RUNNABLE;

	for (const struct process *process = queue_first; process; process = process->run_next)
		n++;
	return n;
}

static void timer(unsigned vector)
{
	uint64_t now = time_ns(), next;

	load_update(now, schedule_active());
	timer_at = UINT64_MAX;
	next = expire(now);
	if (queue_first && current && current->state == PROCESS_RUNNABLE) {
		if (now >= current->run_start + SLICE_NS) {
			current->wants_reschedule = true;
			current->attention = true;
		} else {
			limit_slice();
		}
	}
	if (next != UINT64_MAX)
		schedule_timer_at(next);
}

void schedule_init(void)
{
	interrupt_set(VECTOR_TIMER, timer);
}

static void account(struct process *process, uint64_t now)
{
	process->times.user += now - process->run_start;
	busy_ns += now - process->run_start;
	process->run_start = now;
}

uint64_t schedule_busy_ns(void)
{
	return busy_ns + (current ? time_ns() - current->run_start : 0);
}

uint64_t schedule_cpu_ns(const struct process *process)
{
	uint64_t ns = process->times.user + process->times.system;

	return process == current ? ns + (time_ns() - process->run_start) : ns;
}

static void save_state(struct process *from)
{
	if (from->state == PROCESS_ZOMBIE) {
		loaded_fpu = NULL;
		return;
	}
	fpu_save(from->fpu);
	loaded_fpu = from;
}

static void load_state(struct process *to)
{
	cpu_set_stack(to->stack + STACK_SIZE);
	cpu_set_tls(&to->tls);
	space_switch(&to->mm->space);
	if (loaded_fpu != to)
		fpu_restore(to->fpu);
	loaded_fpu = to;
}

/* Halts until an interrupt has made somebody runnable. */
static struct process *next_process(void)
{
	struct process *process;

	while (!(process = queue_pop())) {
		/* Until now somebody ran, from now on nobody does. */
		load_update(time_ns(), 1);
		cpu_wait();
		interrupts_disable();
		load_update(time_ns(), 0);
	}
	return process;
}

void schedule(void)
{
	struct process *from = current, *to;

	account(from, time_ns());
	to = next_process();
	to->run_start = time_ns();
	if (to != from) {
		save_state(from);
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

void schedule_begin(struct process *first)
{
	current = first;
}

void schedule_run(void)
{
	current->state = PROCESS_RUNNABLE;
	current->run_start = time_ns();
	load_state(current);
	context_switch(&boot_stack_pointer, current->stack_pointer);
}

void schedule_stop(void)
{
	uintptr_t ignored;

	lapic_timer_stop();
	current = NULL;
	loaded_fpu = NULL;
	context_switch(&ignored, boot_stack_pointer);
	__builtin_unreachable();
}

void wait_prepare(struct wait_queue *queue, struct wait_entry *entry)
{
	entry->process = current;
	entry->next = queue->first;
	if (entry->next)
		entry->next->link = &entry->next;
	entry->link = &queue->first;
	queue->first = entry;
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
		struct process *process = entry->process;

		process->woken = true;
		if (process->state == PROCESS_SLEEPING || process->state == PROCESS_SLEEPING_DEAF)
			schedule_wake(process);
	}
}

int wait_sleep(uint64_t until)
{
	struct process *process = current;

	if (!process->woken && !signal_pending(process)) {
		if (until != WAIT_FOREVER && time_ns() >= until)
			return -ETIMEDOUT;
		process->sleep_until = until;
		process->state = PROCESS_SLEEPING;
		schedule_timer_at(until);
		schedule();
	}
	if (process->woken) {
		process->woken = false;
		return 0;
	}
	if (signal_pending(process))
		return -ERESTARTSYS;
	return until != WAIT_FOREVER && time_ns() >= until ? -ETIMEDOUT : 0;
}

void wait_sleep_deaf(void)
{
	struct process *process = current;

	if (!process->woken) {
		process->state = PROCESS_SLEEPING_DEAF;
		schedule();
	}
	process->woken = false;
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
