/* SPDX-License-Identifier: MIT */
/*
 * wait.h: sleeping until something happens. There is one CPU and interrupts are off in the kernel
 * but while it sleeps, so between looking and sleeping nothing can happen:
 *
 *	struct wait_entry entry;
 *
 *	wait_prepare(&queue, &entry);
 *	while (nothing there yet && !(error = wait_sleep(WAIT_FOREVER)))
 *		;
 *	wait_finish(&entry);
 *
 * A thread may be in several queues at once (poll).
 */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H

#include <stdbool.h>
#include <stdint.h>

struct thread;

struct wait_entry {
	struct wait_entry *next, **link; /* what points to this one */
	struct thread *thread;
	/* Called instead, when there is no thread; from interrupt handlers, too. */
	void (*notify)(struct wait_entry *entry);
};

/* All zero: empty. */
struct wait_queue {
	struct wait_entry *first;
};

#define WAIT_FOREVER UINT64_MAX

/* Puts the current thread into a queue. From now on a wake-up counts, even before wait_sleep().
 * The entry must not be in any queue yet. */
void wait_prepare(struct wait_queue *queue, struct wait_entry *entry);

/* Puts an entry into a queue that calls `notify` at each wake-up. */
void wait_watch(
	struct wait_queue *queue, struct wait_entry *entry, void (*notify)(struct wait_entry *));

/* Out of it again. */
void wait_finish(struct wait_entry *entry);

/* Sleeps until a queue of the thread is woken, a signal is to be handled, or time_ns() reaches
 * `until`: 0, -ERESTARTSYS or -ETIMEDOUT. Wake-ups may come for nothing: look again. */
int wait_sleep(uint64_t until);

/* The same, deaf to all signals, which may wake it for nothing: for short waits that must not be
 * interrupted. */
void wait_sleep_deaf(void);

/* Wakes all who are in the queue. Callable from interrupt handlers. */
void wait_wake(struct wait_queue *queue);

/* In long work for one system call: lets interrupts in and others run when the time slice is over.
 */
void wait_breathe(void);

#endif
