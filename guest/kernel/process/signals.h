/* SPDX-License-Identifier: MIT */
/*
 * signals.h: what a process does about signals, and which are waiting for it.
 */
#ifndef PROCESS_SIGNALS_H
#define PROCESS_SIGNALS_H

#include <stdbool.h>
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

struct signals {
	uint64_t pending, blocked;
	uint64_t waited;            /* that sigtimedwait waits for, though blocked */
	uint64_t saved;             /* what sigsuspend and its like put back ... */
	bool restore;               /* ... if so */
	uint64_t stack, stack_size; /* sigaltstack; size 0: none */
	struct signal_action actions[SIGNALS];
	struct signal_info info[SIGNALS];
};

struct trap_frame;

/* All defaults, or what a child inherits: no signal waits. NULL: no memory. */
struct signals *signals_create(const struct signals *from);

/* As exec wants it: handlers become defaults. */
void signals_reset(struct signals *signals);

/* Sends with more to tell than signal_send(). */
void signal_send_info(struct process *process, int signal, const struct signal_info *info);

/* For a fault of the current process: cannot be blocked or ignored. */
void signal_force(struct process *process, int signal, int code, uint64_t address);

/* Whether the signal would end the process if forced. */
bool signal_is_deadly(const struct process *process, int signal);

/* Takes the lowest waiting signal of the set; 0: none. */
int signal_take(struct process *process, uint64_t set, struct signal_info *info);

/* Sets the mask; SIGKILL and SIGSTOP cannot be blocked. */
void signal_set_blocked(struct process *process, uint64_t blocked);

/* Handles what waits before the program goes on. */
void signal_deliver(struct trap_frame *frame);

/* Tells the parent that the process stopped, continued or ended. */
void signal_tell_parent(struct process *process, int code, int status);

/* The handler's stack frame: built (false: there is no room), and taken down again by rt_sigreturn
 * (false: it is not sound). */
bool signal_frame_push(struct process *process, struct trap_frame *frame, int signal,
	const struct signal_info *info, const struct signal_action *action, uint64_t mask);
bool signal_frame_pop(struct process *process, struct trap_frame *frame);

/* Writes a siginfo_t (128 bytes). */
void signal_info_fill(uint8_t *to, int signal, const struct signal_info *info);

#endif
