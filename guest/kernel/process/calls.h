/* SPDX-License-Identifier: MIT */
/*
 * calls.h: system calls on processes, and what their files need of each other.
 */
#ifndef PROCESS_CALLS_H
#define PROCESS_CALLS_H

#include <stddef.h>

#include "process/signals.h"
#include "syscall.h"
#include "user_abi.h"

struct cpu_times;
struct process;

/* What uname says. */
#define KERNEL_RELEASE "6.1.0-vmm"
#define KERNEL_VERSION "vmm guest kernel"

#define CLOCK_REALTIME           0
#define CLOCK_MONOTONIC          1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID  3
#define CLOCK_BOOTTIME           7

#define TIMER_ABSTIME 1

/* A vfork's child lets its parent go on. */
void process_leave_vfork(struct process *process);

/* The first process ends, and everything with it. Does not return. */
void process_first_ends(int32_t status) __attribute__((noreturn));

/* Writes a struct rusage: 0 or -EFAULT. */
int rusage_write(uintptr_t to, const struct cpu_times *times);

syscall_fn sys_alarm, sys_arch_prctl, sys_clock_getres, sys_clock_gettime, sys_clock_nanosleep,
	sys_clock_settime, sys_clone, sys_clone3, sys_execve, sys_exit, sys_exit_group, sys_fork,
	sys_futex, sys_get_robust_list, sys_getcpu, sys_getegid, sys_geteuid, sys_getgid,
	sys_getgroups, sys_getitimer, sys_getpgid, sys_getpgrp, sys_getpid, sys_getppid,
	sys_getpriority, sys_getrandom, sys_getresgid, sys_getresuid, sys_getrlimit, sys_getrusage,
	sys_getsid, sys_gettid, sys_gettimeofday, sys_getuid, sys_kill, sys_nanosleep, sys_none,
	sys_ok, sys_pause, sys_prctl, sys_prlimit64, sys_reboot, sys_restart_syscall,
	sys_rt_sigaction, sys_rt_sigpending, sys_rt_sigprocmask, sys_rt_sigqueueinfo,
	sys_rt_sigreturn, sys_rt_sigsuspend, sys_rt_sigtimedwait, sys_rt_tgsigqueueinfo,
	sys_sched_get_priority_max, sys_sched_get_priority_min, sys_sched_getaffinity,
	sys_sched_getparam, sys_sched_getscheduler, sys_sched_rr_get_interval,
	sys_sched_setaffinity, sys_sched_setparam, sys_sched_setscheduler, sys_sched_yield,
	sys_set_robust_list, sys_set_tid_address, sys_setgid, sys_setgroups, sys_sethostname,
	sys_setitimer, sys_setpgid, sys_setpriority, sys_setresgid, sys_setresuid, sys_setrlimit,
	sys_setsid, sys_setuid, sys_sigaltstack, sys_sysinfo, sys_syslog, sys_tgkill, sys_time,
	sys_timer_create, sys_timer_delete, sys_timer_getoverrun, sys_timer_gettime,
	sys_timer_settime, sys_times, sys_tkill, sys_uname, sys_vfork, sys_wait4, sys_waitid;

#endif
