/* SPDX-License-Identifier: MIT */
/*
 * table.h: all processes: birth and burial.
 */
#ifndef PROCESS_TABLE_H
#define PROCESS_TABLE_H

#include <stdint.h>

struct process;

/* A process without memory and files, with a pid of its own, and its kernel stack; it belongs to
 * `parent` (NULL: the first one), whose identity it inherits. NULL: no memory. */
struct process *process_create(struct process *parent);

/* Takes a process that runs no more, or never ran, out of the table and gives back what it has
 * left. */
void process_destroy(struct process *process);

/* Destroys those that ended unnoticed (reap_itself). Called on another's stack. */
void process_bury(void);
void process_bury_later(struct process *process);

/* Pid 1. */
struct process *process_first(void);

/* Where a new process's kernel stack begins: room for its trap frame, below which it is set up so
 * that the scheduler goes on with trap_return. */
struct trap_frame *process_start_frame(struct process *process);

/* Gives all cached kernel stacks back. */
void process_stacks_drain(void);

/* Registers of a new program. The FPU itself is not touched. */
void process_reset_fpu(struct process *process);

#endif
