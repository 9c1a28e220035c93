/* SPDX-License-Identifier: MIT */
/*
 * signals.h: what a process does about signals, and which are waiting for it.
 */
#ifndef PROCESS_SIGNALS_H
#define PROCESS_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signal.h"

#define SIGNAL_DEFAULT 0
#define SIGNAL_IGNORE  1

#define SA_NOCLDSTOP 1u
#define SA_NOCLDWAIT 2u
#define SA_SIGINFO   4u
#define SA_RESTORER  0x04000000u
#define SA_ONSTACK   0x08000000u
#define SA_RESTART   0x10000000u
#define SA_NODEFER   0x40000000u
#define SA_RESETHAND 0x80000000u

#define SI_USER   0
#define SI_KERNEL 0x80
#define SI_TIMER  (-2)
#define SI_TKILL  (-6)

#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

/* What Linux calls struct kernel_sigaction. */
struct signal_action {
	uint64_t handler, flags, restorer, mask;
};

/* What a siginfo_t tells beyond the number: value is an address for faults, a status for SIGCHLD.
 */
struct signal_info {
	int32_t code, pid;
	uint32_t uid;
	uint64_t value;
};

/* Signals that wait; of each number one. */
struct signal_queue {
	uint64_t pending;
	struct signal_info info[SIGNALS]; /* of those that are pending */
};

/* Of a process. */
struct signals {
	struct signal_action actions[SIGNALS];
	struct signal_queue queue; /* the last: mostly not to be cleared */
};

/* Of a thread. */
struct thread_signals {
	uint64_t blocked;
	uint64_t waited;            /* that sigtimedwait waits for, though blocked */
	uint64_t saved;             /* what sigsuspend and its like put back ... */
	bool restore;               /* ... if so */
	uint64_t stack, stack_size; /* sigaltstack; size 0: none */
	struct signal_queue queue;
};

struct trap_frame;

/* All defaults, or what a child inherits: no signal waits. NULL: no memory. */
struct signals *signals_create(const struct signals *from);

/* As exec wants it: handlers become defaults. */
void signals_reset(struct signals *signals);

/* Sends with more to tell than signal_send(), to a process or to one thread. */
void signal_send_info(struct process *process, int signal, const struct signal_info *info);
void signal_send_thread_info(struct thread *thread, int signal, const struct signal_info *info);

/* For a fault of the current thread: cannot be blocked or ignored. */
void signal_force(int signal, int code, uint64_t address);

/* Whether the signal would end the current process if forced. */
bool signal_is_deadly(int signal);

/* What is ignored does not wait. */
void signal_forget(struct process *process, uint64_t set);

/* What waits for a process or a thread of it. */
uint64_t signals_waiting(const struct thread *thread);

/* A process's signals find a thread that handles them, when another does not any more. */
void signals_retarget(struct process *process);

/* Takes the lowest waiting signal of the set; 0: none. */
int signal_take(struct thread *thread, uint64_t set, struct signal_info *info);

/* Sets the mask; SIGKILL and SIGSTOP cannot be blocked. */
void signal_set_blocked(struct thread *thread, uint64_t blocked);

/* Tells the parent that the process stopped, continued or ended. */
void signal_tell_parent(struct process *process, int code, int status);

/* The handler's stack frame: built (false: there is no room), and taken down again by rt_sigreturn
 * (false: it is not sound). */
bool signal_frame_push(struct thread *thread, struct trap_frame *frame, int signal,
	const struct signal_info *info, const struct signal_action *action, uint64_t mask);
bool signal_frame_pop(struct thread *thread, struct trap_frame *frame);

/* Bytes that it takes of the stack, at most. */
size_t signal_frame_size(void);

/* Writes a siginfo_t (128 bytes). */
void signal_info_fill(uint8_t *to, int signal, const struct signal_info *info);

#endif
