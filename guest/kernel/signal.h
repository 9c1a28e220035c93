/* SPDX-License-Identifier: MIT */
/*
 * signal.h: signals: sending, and what is waiting. Linux's numbers.
 */
#ifndef KERNEL_SIGNAL_H
#define KERNEL_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#define SIGHUP    1
#define SIGINT    2
#define SIGQUIT   3
#define SIGILL    4
#define SIGTRAP   5
#define SIGABRT   6
#define SIGBUS    7
#define SIGFPE    8
#define SIGKILL   9
#define SIGUSR1   10
#define SIGSEGV   11
#define SIGUSR2   12
#define SIGPIPE   13
#define SIGALRM   14
#define SIGTERM   15
#define SIGSTKFLT 16
#define SIGCHLD   17
#define SIGCONT   18
#define SIGSTOP   19
#define SIGTSTP   20
#define SIGTTIN   21
#define SIGTTOU   22
#define SIGURG    23
#define SIGXCPU   24
#define SIGXFSZ   25
#define SIGVTALRM 26
#define SIGPROF   27
#define SIGWINCH  28
#define SIGIO     29
#define SIGPWR    30
#define SIGSYS    31
#define SIGNALS   64

#define SIGNAL_BIT(signal) (1ull << ((signal)-1))

struct process;
struct thread;

/* To a process, from the kernel itself (SI_KERNEL): one of its threads handles it. Callable from
 * interrupt handlers. */
void signal_send(struct process *process, int signal);

/* To one thread. */
void signal_send_thread(struct thread *thread, int signal);

/* To every process of a process group; how many there were. */
unsigned signal_send_group(int32_t group, int signal);

/* Whether a signal waits that interrupts a system call, or the thread is to end. */
bool signal_pending(const struct thread *thread);

/* Whether the current thread blocks or its process ignores the signal: a tty asks before SIGTTIN
 * and SIGTTOU. */
bool signal_ignored(int signal);

/* For pselect, ppoll, sigsuspend: another mask for the current thread until the call is over; a
 * handler that runs then puts the old one back when it returns. */
void signal_swap_mask(uint64_t set);

#endif
