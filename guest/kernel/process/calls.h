/* SPDX-License-Identifier: MIT */
/*
 * calls.h: system calls on processes, and what their files need of each other.
 */
#ifndef PROCESS_CALLS_H
#define PROCESS_CALLS_H

#include <stddef.h>

#include "process/signals.h"
#include "syscall.h"

struct cpu_times;
struct process;

/* What uname says. */
#define KERNEL_RELEASE "6.1.0-vmm"
#define KERNEL_VERSION "vmm guest kernel"

/* Registers of the program while its process is in the kernel. */
struct trap_frame *process_frame(struct process *process);

/* A vfork's parent waits, and its child lets it go on. */
void process_wait_vfork(struct process *child);
void process_leave_vfork(struct process *process);

/* The first process ends, and everything with it. Does not return. */
void process_first_ends(int32_t status) __attribute__((noreturn));

/* Writes a struct rusage: 0 or -EFAULT. */
int rusage_write(uintptr_t to, const struct cpu_times *times);

syscall_fn sys_alarm, sys_arch_prctl, sys_clock_getres, sys_clock_gettime, sys_clock_nanosleep,
	sys_clone, sys_execve, sys_exit, sys_fork, sys_getcpu, sys_getegid, sys_geteuid, sys_getgid,
	sys_getgroups, sys_getitimer, sys_getpgid, sys_getpgrp, sys_getpid, sys_getppid,
	sys_getpriority, sys_getrandom, sys_getresgid, sys_getresuid, sys_getrlimit, sys_getrusage,
	sys_getsid, sys_gettimeofday, sys_getuid, sys_kill, sys_nanosleep, sys_none, sys_ok,
	sys_pause, sys_prctl, sys_prlimit64, sys_reboot, sys_restart_syscall, sys_rt_sigaction,
	sys_rt_sigpending, sys_rt_sigprocmask, sys_rt_sigreturn, sys_rt_sigsuspend,
	sys_rt_sigtimedwait, sys_sched_getaffinity, sys_sched_yield, sys_set_tid_address,
	sys_setgid, sys_setgroups, sys_sethostname, sys_setitimer, sys_setpgid, sys_setpriority,
	sys_setresgid, sys_setresuid, sys_setrlimit, sys_setsid, sys_setuid, sys_sigaltstack,
	sys_sysinfo, sys_tgkill, sys_time, sys_times, sys_tkill, sys_uname, sys_vfork, sys_wait4,
	sys_waitid;

#endif
