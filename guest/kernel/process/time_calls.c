/* SPDX-License-Identifier: MIT */
/*
 * time_calls.c: clocks, sleeping, alarms, used time.
 */
#include "arch.h"
#include "errno.h"
#include "process.h"
#include "process/calls.h"
#include "process/schedule.h"
#include "process/user_time.h"
#include "string.h"
#include "thread.h"
#include "time.h"
#include "user.h"
#include "user_abi.h"

#define ITIMER_REAL 0
#define ITIMER_PROF 2

#define RUSAGE_SELF     0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD   1

#define NS_PER_US   1000ull
#define NS_PER_TICK 10000000ull /* times() counts hundredths of a second */

/* Linux's struct timeval. */
struct user_timeval {
	user_long seconds, microseconds;
};

static struct user_timeval to_timeval(uint64_t ns)
{
	return (struct user_timeval){
		(user_long)(ns / NS_PER_SECOND), (user_long)(ns % NS_PER_SECOND / NS_PER_US)};
}

/* A clock's time: 0 or -EINVAL. */
static int clock_read(uint64_t clock, uint64_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case 5: /* CLOCK_REALTIME_COARSE */
		*ns = time_boot_ns() + time_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case 4: /* CLOCK_MONOTONIC_RAW */
	case 6: /* CLOCK_MONOTONIC_COARSE */
	case CLOCK_BOOTTIME:
		*ns = time_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		*ns = schedule_cpu_ns(process_current());
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = schedule_thread_ns();
		return 0;
	}
	return -EINVAL;
}

int64_t sys_clock_gettime(struct syscall_args *args)
{
	uint64_t ns;

	return clock_read(args->arg[0], &ns) ? -EINVAL : timespec_write(args->arg[1], ns);
}

int64_t sys_clock_getres(struct syscall_args *args)
{
	uint64_t ns;

	if (clock_read(args->arg[0], &ns))
		return -EINVAL;
	return args->arg[1] ? timespec_write(args->arg[1], 1) : 0;
}

int64_t sys_clock_settime(struct syscall_args *args)
{
	uint64_t ns;
	int error = time_read(args->arg[1], 1, &ns);

	if (error)
		return error;
	if (args->arg[0] != CLOCK_REALTIME)
		return -EINVAL;
	if (!process_is_root())
		return -EPERM;
	return time_set_ns(ns) ? 0 : -EINVAL;
}

int64_t sys_gettimeofday(struct syscall_args *args)
{
	struct user_timeval time = to_timeval(time_boot_ns() + time_ns());

	if (args->arg[0] && user_write(args->arg[0], &time, sizeof(time)))
		return -EFAULT;
	return args->arg[1] ? user_zero(args->arg[1], 8) : 0;
}

int64_t sys_time(struct syscall_args *args)
{
	user_long seconds = (user_long)((time_boot_ns() + time_ns()) / NS_PER_SECOND);

	if (args->arg[0] && user_write(args->arg[0], &seconds, sizeof(seconds)))
		return -EFAULT;
	return seconds;
}

/* Sleeps; where a signal ends it early, the time left goes to `left` unless that is 0. */
static int64_t sleep_until(uint64_t until, uintptr_t left)
{
	struct thread *thread = thread_current();
	uint64_t now;
	int error = 0;

	while (!error)
		error = wait_sleep(until);
	if (error == -ETIMEDOUT)
		return 0;
	now = time_ns();
	if (left && timespec_write(left, until > now ? until - now : 0))
		return -EFAULT;
	thread->restart_until = until;
	thread->restart_left = left;
	thread->restart_wide = thread->wide_times;
	return -ERESTART_RESTARTBLOCK;
}

/* For as long as restart_syscall is to go on. */
static int64_t sleep_again(struct syscall_args *args)
{
	const struct thread *thread = thread_current();

	return sleep_until(thread->restart_until, thread->restart_left);
}

int64_t sys_restart_syscall(struct syscall_args *args)
{
	const struct thread *thread = thread_current();

	if (!thread->restart_until)
		return -EINTR;
	return thread->restart_wide ? time_call_wide(sleep_again, args) : sleep_again(args);
}

int64_t sys_nanosleep(struct syscall_args *args)
{
	uint64_t ns;
	int error = time_read(args->arg[0], 1, &ns);

	return error ? error : sleep_until(time_ns() + ns, args->arg[1]);
}

int64_t sys_clock_nanosleep(struct syscall_args *args)
{
	uint64_t ns, now;
	int error = clock_read(args->arg[0], &now);
	int64_t result;

	if (!error)
		error = time_read(args->arg[2], 1, &ns);
	if (error)
		return error;
	if (!(args->arg[1] & TIMER_ABSTIME))
		return sleep_until(time_ns() + ns, args->arg[3]);
	if (ns <= now)
		return 0;
	result = sleep_until(time_ns() + (ns - now), 0);
	return result == -ERESTART_RESTARTBLOCK ? -ERESTARTNOHAND : result;
}

/* What is left of the alarm, and its interval. */
static void alarm_read(const struct process *process, struct user_timeval time[2])
{
	uint64_t now = time_ns(), at = process->alarm_at;

	time[0] = to_timeval(process->alarm_interval);
	time[1] = to_timeval(!at ? 0 : at > now ? at - now : NS_PER_US);
}

static void alarm_set(struct process *process, uint64_t ns, uint64_t interval)
{
	process->alarm_at = ns ? time_ns() + ns : 0;
	process->alarm_interval = ns ? interval : 0;
	if (ns)
		schedule_timer_at(process->alarm_at);
}

int64_t sys_alarm(struct syscall_args *args)
{
	struct process *process = process_current();
	struct user_timeval old[2];

	alarm_read(process, old);
	alarm_set(process, (uint32_t)args->arg[0] * NS_PER_SECOND, 0);
	return old[1].seconds +
	       (old[1].microseconds >= 500000 || (!old[1].seconds && old[1].microseconds));
}

int64_t sys_getitimer(struct syscall_args *args)
{
	struct user_timeval time[2] = {{0}};

	if (args->arg[0] > ITIMER_PROF)
		return -EINVAL;
	if (args->arg[0] == ITIMER_REAL)
		alarm_read(process_current(), time);
	return user_write(args->arg[1], time, sizeof(time));
}

int64_t sys_setitimer(struct syscall_args *args)
{
	struct process *process = process_current();
	uint64_t ns = 0, interval = 0;
	struct user_timeval old[2] = {{0}};
	int error = 0;

	if (args->arg[0] > ITIMER_PROF)
		return -EINVAL;
	if (args->arg[1])
		error = time_read(args->arg[1], NS_PER_US, &interval);
	if (args->arg[1] && !error)
		error = time_read(args->arg[1] + sizeof(old[0]), NS_PER_US, &ns);
	if (error)
		return error;
	if (args->arg[0] == ITIMER_REAL) {
		alarm_read(process, old);
		alarm_set(process, ns, interval);
	}
	return args->arg[2] ? user_write(args->arg[2], old, sizeof(old)) : 0;
}

int64_t sys_times(struct syscall_args *args)
{
	const struct process *process = process_current();
	const user_ulong out[4] = {
		(user_ulong)(schedule_cpu_ns(process) / NS_PER_TICK),
		(user_ulong)(process->times.system / NS_PER_TICK),
		(user_ulong)(process->child_times.user / NS_PER_TICK),
		(user_ulong)(process->child_times.system / NS_PER_TICK),
	};

	if (args->arg[0] && user_write(args->arg[0], out, sizeof(out)))
		return -EFAULT;
	return (int64_t)(time_ns() / NS_PER_TICK);
}

int rusage_write(uintptr_t to, const struct cpu_times *times)
{
	struct user_timeval out[9]; /* user, system, 14 numbers that stay 0 */

	memset(out, 0, sizeof(out));
	out[0] = to_timeval(times->user);
	out[1] = to_timeval(times->system);
	return user_write(to, out, sizeof(out));
}

int64_t sys_getrusage(struct syscall_args *args)
{
	const struct process *process = process_current();
	struct cpu_times times = {schedule_cpu_ns(process), 0};

	switch ((int)args->arg[0]) {
	case RUSAGE_SELF:
		break;
	case RUSAGE_THREAD:
		times.user = schedule_thread_ns();
		break;
	case RUSAGE_CHILDREN:
		times = process->child_times;
		break;
	default:
		return -EINVAL;
	}
	return rusage_write(args->arg[1], &times);
}
