/* SPDX-License-Identifier: MIT */
/*
 * thread.h: threads: what the scheduler runs. A process has one or more; they share all that
 * struct process holds, and each has its own registers, kernel stack and signal mask.
 */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "arch_cpu.h"
#include "process.h"
#include "process/signals.h"

enum thread_state {
	THREAD_RUNNABLE,
	THREAD_SLEEPING,      /* until a signal, too */
	THREAD_SLEEPING_DEAF, /* no signal wakes it but its end */
	THREAD_STOPPED,       /* its process is */
	THREAD_DEAD,
};

struct thread {
	struct thread *next;     /* of the same process */
	struct thread *run_next; /* in the queue of those that can run */
	struct process *process;
	int32_t tid; /* of a process's first thread: the pid */
	enum thread_state state;
	char name[PROCESS_NAME]; /* NUL-terminated */

	/* Of the scheduler (process/schedule.c). */
	uintptr_t stack;         /* lowest address of the kernel stack */
	uintptr_t stack_pointer; /* while it does not run */
	struct cpu_tls tls;
	uint8_t *fpu; /* x87 and vector registers while it does not run */
	bool woken;
	bool attention;        /* something is to be done before the program goes on */
	bool wants_reschedule; /* its time is over */
	bool killed;           /* it ends instead of going on with its program */
	uint64_t sleep_until;  /* WAIT_FOREVER: no timeout */
	uint64_t run_start;    /* since when it runs */
	uint64_t cpu_ns;       /* CPU time, without the current slice */

	uint64_t clear_tid;     /* where to write 0 at the end, and wake who waits; 0: nowhere */
	uint64_t robust_list;   /* of locks that others learn of when it ends; 0: none */
	uint64_t restart_until; /* what restart_syscall goes on waiting for */
	uint64_t restart_left;  /* where it writes the time left; 0: nowhere */
	bool restart_wide;      /* how: */
	bool wide_times;        /* the call's times have 64 bits (process/user_time.h) */
	const struct lock *lock_wanted; /* what it waits for; NULL: nothing (fs/lock.h) */
	const struct inode *lock_inode;
	struct thread_signals signals; /* the last: mostly not to be cleared */
};

/* The one that runs. Never NULL in a system call. */
struct thread *thread_current(void);

/* NULL: there is none (any more). */
struct thread *thread_find(int32_t tid);

/* Registers of the program while its thread is in the kernel. */
struct trap_frame *thread_frame(const struct thread *thread);

/* Ends the current thread, and its process if that has no other. */
void thread_exit(void) __attribute__((noreturn));

/* The thread ends before it goes on with its program, which it may wait for now. */
void thread_kill(struct thread *thread);

/* Whether nothing but its end is before it. */
bool thread_is_ending(const struct thread *thread);

/* While the process of the current thread is stopped, so is the thread. */
void thread_park(void);

#endif
