/* SPDX-License-Identifier: MIT */
/*
 * schedule.h: who runs: round robin with time slices, and sleep until a time. The kernel itself is
 * never preempted.
 */
#ifndef PROCESS_SCHEDULE_H
#define PROCESS_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct process;
struct thread;

/* Takes over the timer. */
void schedule_init(void);

/* `first` is the current thread from now on, though it does not run yet. */
void schedule_begin(struct thread *first);

/* Runs threads, beginning with the current one, until schedule_stop(); for the boot stack. */
void schedule_run(void);

/* Goes back to who called schedule_run(), for ever. */
void schedule_stop(void) __attribute__((noreturn));

/* Lets the others run; the current thread's state says whether it wants to come back by itself. */
void schedule(void);

/* The current thread goes to the end of the queue. */
void schedule_yield(void);

/* Makes a thread runnable that is not. */
void schedule_wake(struct thread *thread);

/* An interrupt at time `ns` at the latest. */
void schedule_timer_at(uint64_t ns);

/* How many run or want to. */
unsigned schedule_active(void);

/* CPU time so far, of the current process too; and of the current thread. */
uint64_t schedule_cpu_ns(const struct process *process);
uint64_t schedule_thread_ns(void);

/* CPU time of all processes since the start, dead ones too. */
uint64_t schedule_busy_ns(void);

#endif
