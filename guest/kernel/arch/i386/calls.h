/* SPDX-License-Identifier: MIT */
/*
 * calls.h: system calls that only i386 has, or whose arguments come otherwise there: numbers of 64
 * bits in two registers, the lower half first unless told otherwise.
 */
#ifndef I386_CALLS_H
#define I386_CALLS_H

#include "syscall.h"

syscall_fn sys_set_thread_area, sys_sigreturn;

syscall_fn i386_clock_getres_time64, i386_clock_gettime64, i386_clock_nanosleep_time64,
	i386_clock_settime64, i386_clone, i386_epoll_pwait2, i386_fallocate, i386_fcntl64,
	i386_fstatfs64, i386_ftruncate, i386_ftruncate64, i386_futex_time64, i386_llseek,
	i386_lseek, i386_mmap2, i386_ppoll_time64, i386_pread64, i386_preadv, i386_pselect6_time64,
	i386_pwrite64, i386_pwritev, i386_rt_sigtimedwait_time64, i386_sched_rr_get_interval_time64,
	i386_socketcall, i386_statfs64, i386_timer_gettime64, i386_timer_settime64,
	i386_timerfd_gettime64, i386_timerfd_settime64, i386_truncate, i386_truncate64,
	i386_utimensat_time64, i386_waitpid;

#endif
