/* SPDX-License-Identifier: MIT */
/*
 * timers.c: the alarm of setitimer, and POSIX timers: signals at a time. They follow the wall
 * clock or the time since the start; clocks of CPU time have none.
 */
#include "process/timers.h"

#include "errno.h"
#include "memory.h"
#include "process.h"
#include "process/calls.h"
#include "process/schedule.h"
#include "process/user_time.h"
#include "thread.h"
#include "time.h"
#include "user.h"

#define TIMERS_MAX   64
#define OVERRUNS_MAX INT32_MAX

#define SIGEV_SIGNAL    0
#define SIGEV_NONE      1
#define SIGEV_THREAD    2 /* of the C library: a signal as well */
#define SIGEV_THREAD_ID 4

struct posix_timer {
	struct posix_timer *next;
	int32_t id, signal; /* signal 0: none */
	int32_t thread;     /* that is to handle it; 0: any */
	uint64_t clock, value;
	uint64_t at, interval; /* by time_ns(); at 0: not armed */
	uint32_t overruns;     /* of the signal that was sent last */
};

struct user_event {
	user_ulong value;
	int32_t signal, notify, thread;
};

/* Periods that end by `now`: the timer goes on behind it; how many there were. */
static uint64_t pass_periods(uint64_t *at, uint64_t interval, uint64_t now)
{
	uint64_t periods = interval ? (now - *at) / interval + 1 : 1;

	*at = interval ? *at + periods * interval : 0;
	return periods;
}

/* The queue that the timer's signals go to; NULL: its thread is no more. */
static struct signal_queue *queue_of(struct process *process, const struct posix_timer *timer)
{
	struct thread *thread;

	if (!timer->thread)
		return &process->signals->queue;
	thread = thread_find(timer->thread);
	return thread && thread->process == process ? &thread->signals.queue : NULL;
}

/* Whether a signal that waits is this timer's. */
static bool is_of(const struct signal_info *info, const struct posix_timer *timer)
{
	return info->code == SI_TIMER && info->pid == timer->id;
}

static void fire(struct process *process, struct posix_timer *timer, uint64_t now)
{
	uint64_t periods = pass_periods(&timer->at, timer->interval, now);
	struct signal_queue *queue = timer->signal ? queue_of(process, timer) : NULL;
	bool waits = queue && queue->pending & SIGNAL_BIT(timer->signal) &&
	             is_of(&queue->info[timer->signal - 1], timer);
	uint64_t overruns = waits ? timer->overruns + periods : periods - 1;
	struct signal_info info = {.code = SI_TIMER, .pid = timer->id, .value = timer->value};

	timer->overruns = overruns < OVERRUNS_MAX ? (uint32_t)overruns : OVERRUNS_MAX;
	info.uid = timer->overruns;
	if (waits)
		queue->info[timer->signal - 1].uid = timer->overruns;
	else if (queue && timer->thread)
		signal_send_thread_info(thread_find(timer->thread), timer->signal, &info);
	else if (queue)
		signal_send_info(process, timer->signal, &info);
}

uint64_t timers_expire(struct process *process, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	if (process->alarm_at && process->alarm_at <= now) {
		pass_periods(&process->alarm_at, process->alarm_interval, now);
		signal_send(process, SIGALRM);
	}
	if (process->alarm_at)
		next = process->alarm_at;
	for (struct posix_timer *timer = process->timers; timer; timer = timer->next) {
		if (timer->at && timer->at <= now)
			fire(process, timer, now);
		if (timer->at && timer->at < next)
			next = timer->at;
	}
	return next;
}

void timers_clear(struct process *process)
{
	while (process->timers) {
		struct posix_timer *timer = process->timers;

		process->timers = timer->next;
		kfree(timer);
	}
}

static struct posix_timer *find(uint64_t id)
{
	struct posix_timer *timer = process_current()->timers;

	while (timer && (uint64_t)timer->id != id)
		timer = timer->next;
	return timer;
}

static int read_event(uintptr_t from, struct user_event *event)
{
	const struct process *process = process_current();

	*event = (struct user_event){.signal = SIGALRM};
	if (!from)
		return 0;
	if (user_read(event, from, sizeof(*event)))
		return -EFAULT;
	if (event->notify == SIGEV_NONE) {
		event->signal = 0;
		return 0;
	}
	if (event->notify == (SIGEV_SIGNAL | SIGEV_THREAD_ID)) {
		const struct thread *thread = thread_find(event->thread);

		if (!thread || thread->process != process)
			return -EINVAL;
	} else if (event->notify != SIGEV_SIGNAL && event->notify != SIGEV_THREAD) {
		return -EINVAL;
	} else {
		event->thread = 0;
	}
	return event->signal < 1 || event->signal > SIGNALS ? -EINVAL : 0;
}

/* The lowest number that is free; -1: there are too many. */
static int32_t free_id(void)
{
	for (int32_t id = 0; id < TIMERS_MAX; id++) {
		if (!find((uint64_t)id))
			return id;
	}
	return -1;
}

int64_t sys_timer_create(struct syscall_args *args)
{
	struct process *process = process_current();
	uint64_t clock = args->arg[0];
	int32_t id = free_id();
	struct posix_timer *timer;
	struct user_event event;
	int error;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	error = read_event(args->arg[1], &event);
	if (error)
		return error;
	if (id < 0)
		return -EAGAIN;
	timer = kzalloc(sizeof(*timer), "timer");
	if (!timer)
		return -EAGAIN;
	timer->id = id;
	timer->clock = clock;
	timer->signal = event.signal;
	timer->thread = event.thread;
	timer->value = args->arg[1] ? event.value : (uint64_t)id;
	if (user_write(args->arg[2], &id, sizeof(id))) {
		kfree(timer);
		return -EFAULT;
	}
	timer->next = process->timers;
	process->timers = timer;
	return 0;
}

/* Interval and time left, as a program has them (struct itimerspec). */
static int write_setting(uintptr_t to, uint64_t interval, uint64_t left)
{
	return timespec_write(to, interval) || timespec_write(to + user_time_size(), left) ? -EFAULT
	                                                                                   : 0;
}

static uint64_t time_left(const struct posix_timer *timer)
{
	uint64_t now = time_ns();

	return !timer->at ? 0 : timer->at > now ? timer->at - now : 1;
}

int64_t sys_timer_gettime(struct syscall_args *args)
{
	const struct posix_timer *timer = find(args->arg[0]);

	return timer ? write_setting(args->arg[1], timer->interval, time_left(timer)) : -EINVAL;
}

int64_t sys_timer_getoverrun(struct syscall_args *args)
{
	const struct posix_timer *timer = find(args->arg[0]);

	return timer ? (int64_t)timer->overruns : -EINVAL;
}

int64_t sys_timer_settime(struct syscall_args *args)
{
	struct posix_timer *timer = find(args->arg[0]);
	uint64_t interval, at, base = time_ns();
	uint64_t old_interval, old_left;
	int error;

	error = time_read(args->arg[2], 1, &interval);
	if (!error)
		error = time_read(args->arg[2] + user_time_size(), 1, &at);
	if (error)
		return error;
	if (!timer)
		return -EINVAL;
	old_interval = timer->interval;
	old_left = time_left(timer);
	if (args->arg[1] & TIMER_ABSTIME)
		base = 0;
	if (args->arg[1] & TIMER_ABSTIME && at && timer->clock == CLOCK_REALTIME)
		at = at > time_boot_ns() ? at - time_boot_ns() : 1;
	timer->at = at ? base + at : 0;
	timer->interval = interval;
	timer->overruns = 0;
	if (at)
		schedule_timer_at(timer->at);
	return args->arg[3] ? write_setting(args->arg[3], old_interval, old_left) : 0;
}

int64_t sys_timer_delete(struct syscall_args *args)
{
	struct process *process = process_current();

	for (struct posix_timer **link = &process->timers; *link; link = &(*link)->next) {
		struct posix_timer *timer = *link;

		if ((uint64_t)timer->id != args->arg[0])
			continue;
		*link = timer->next;
		kfree(timer);
		return 0;
	}
	return -EINVAL;
}
