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

/* Takes over the timer. */
void schedule_init(void);

/* `first` is the current process from now on, though it does not run yet. */
void schedule_begin(struct process *first);

/* Runs processes, beginning with the current one, until schedule_stop(); for the boot stack. */
void schedule_run(void);

/* Goes back to who called schedule_run(), for ever. */
void schedule_stop(void) __attribute__((noreturn));

/* Lets the others run; the current process's state says whether it wants to come back by itself. */
void schedule(void);

/* The current process goes to the end of the queue. */
void schedule_yield(void);

/* Makes a process runnable that is not. */
void schedule_wake(struct process *process);

/* An interrupt at time `ns` at the latest. */
void schedule_timer_at(uint64_t ns);

/* How many run or want to. */
unsigned schedule_active(void);

/* CPU time so far, of the current process too. */
uint64_t schedule_cpu_ns(const struct process *process);

/* CPU time of all processes since the start, dead ones too. */
uint64_t schedule_busy_ns(void);

#endif
