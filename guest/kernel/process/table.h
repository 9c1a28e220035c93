/* SPDX-License-Identifier: MIT */
/*
 * table.h: all processes and their threads: birth and burial.
 */
#ifndef PROCESS_TABLE_H
#define PROCESS_TABLE_H

#include <stdint.h>

struct process;
struct thread;

/* A process without memory and files, with a pid of its own and one thread, whose registers are
 * like those of `like` (NULL: a new program's); it belongs to `parent` (NULL: the first one), whose
 * identity it inherits. NULL: no memory. */
struct process *process_create(struct process *parent, const struct thread *like);

/* Takes a process that runs no more, or never ran, out of the table and gives back what it has
 * left. */
void process_destroy(struct process *process);

/* Destroys processes and threads that nobody waits for. Called on another's stack. */
void process_bury(void);
void process_bury_later(struct process *process);

/* Pid 1. */
struct process *process_first(void);

/* A number that neither process nor thread has; 0: there is none. */
int32_t process_new_pid(void);

/* One more thread of a process, which does not run yet; its tid is new. NULL: no memory. */
struct thread *thread_create(struct process *process, int32_t tid, const struct thread *like);

/* A thread belongs to its process no more. */
void thread_leave(struct thread *thread);

/* One that never ran, or does so no more. */
void thread_destroy(struct thread *thread);
void thread_bury(void);
void thread_bury_later(struct thread *thread);

/* Where a new thread's kernel stack begins: room for its trap frame, below which it is set up so
 * that the scheduler goes on with trap_return. */
struct trap_frame *thread_start_frame(struct thread *thread);

/* Gives all cached kernel stacks back. */
void thread_stacks_drain(void);

#endif
