/* SPDX-License-Identifier: MIT */
/*
 * sched_calls.c: scheduling policies: kept and told, for all threads of a process alike; the
 * scheduler gives every thread its turn.
 */
#include "arch.h"
#include "errno.h"
#include "process.h"
#include "process/calls.h"
#include "process/schedule.h"
#include "process/user_time.h"
#include "thread.h"
#include "user.h"

enum { POLICY_OTHER, POLICY_FIFO, POLICY_ROUND_ROBIN, POLICY_BATCH, POLICY_IDLE = 5 };

#define RESET_ON_FORK  0x40000000u
#define PRIORITY_MAX   99
#define ROUND_ROBIN_NS 100000000ull

static bool is_real_time(uint64_t policy)
{
	return policy == POLICY_FIFO || policy == POLICY_ROUND_ROBIN;
}

static bool is_policy(uint64_t policy)
{
	return policy <= POLICY_BATCH || policy == POLICY_IDLE;
}

/* Of the process of that thread; 0 means the caller. NULL with *error. */
static struct process *find(uint64_t tid, int *error)
{
	const struct thread *thread = (int32_t)tid ? thread_find((int32_t)tid) : thread_current();

	*error = (int32_t)tid < 0 ? -EINVAL : thread ? 0 : -ESRCH;
	return *error ? NULL : thread->process;
}

static int set(struct process *process, uint64_t policy, int32_t priority)
{
	if (!is_policy(policy) ||
		(is_real_time(policy) ? priority < 1 || priority > PRIORITY_MAX : priority != 0))
		return -EINVAL;
	if (is_real_time(policy) && !process_is_root())
		return -EPERM;
	process->policy = (uint8_t)policy;
	process->priority = (uint8_t)priority;
	return 0;
}

int64_t sys_sched_setscheduler(struct syscall_args *args)
{
	struct process *process;
	int32_t priority;
	int error;

	if (!args->arg[2] || (int32_t)args->arg[0] < 0 || (int32_t)args->arg[1] < 0)
		return -EINVAL;
	if (user_read(&priority, args->arg[2], sizeof(priority)))
		return -EFAULT;
	process = find(args->arg[0], &error);
	return process ? set(process, (uint32_t)args->arg[1] & ~RESET_ON_FORK, priority) : error;
}

int64_t sys_sched_setparam(struct syscall_args *args)
{
	struct process *process;
	int32_t priority;
	int error;

	if (!args->arg[1] || (int32_t)args->arg[0] < 0)
		return -EINVAL;
	if (user_read(&priority, args->arg[1], sizeof(priority)))
		return -EFAULT;
	process = find(args->arg[0], &error);
	return process ? set(process, process->policy, priority) : error;
}

int64_t sys_sched_getscheduler(struct syscall_args *args)
{
	int error;
	const struct process *process = find(args->arg[0], &error);

	return process ? process->policy : error;
}

int64_t sys_sched_getparam(struct syscall_args *args)
{
	int error;
	const struct process *process = find(args->arg[0], &error);
	int32_t priority = process ? process->priority : 0;

	if (!args->arg[1])
		return -EINVAL;
	return process ? user_write(args->arg[1], &priority, sizeof(priority)) : error;
}

int64_t sys_sched_get_priority_max(struct syscall_args *args)
{
	uint64_t policy = (uint32_t)args->arg[0];

	return !is_policy(policy) ? -EINVAL : is_real_time(policy) ? PRIORITY_MAX : 0;
}

int64_t sys_sched_get_priority_min(struct syscall_args *args)
{
	uint64_t policy = (uint32_t)args->arg[0];

	return !is_policy(policy) ? -EINVAL : is_real_time(policy);
}

int64_t sys_sched_rr_get_interval(struct syscall_args *args)
{
	int error;
	const struct process *process = find(args->arg[0], &error);

	if (!process)
		return error;
	return timespec_write(args->arg[1], process->policy == POLICY_FIFO ? 0 : ROUND_ROBIN_NS);
}

int64_t sys_sched_yield(struct syscall_args *args)
{
	schedule_yield();
	return 0;
}

/* There is one CPU. */
int64_t sys_sched_getaffinity(struct syscall_args *args)
{
	uint64_t mask = 1;
	int error;

	if (!find(args->arg[0], &error))
		return error;
	if (args->arg[1] < sizeof(user_ulong) || args->arg[1] % sizeof(user_ulong))
		return -EINVAL;
	if (args->arg[1] < sizeof(mask))
		return user_write(args->arg[2], &mask, sizeof(user_ulong))
		               ? -EFAULT
		               : (int)sizeof(user_ulong);
	return user_write(args->arg[2], &mask, sizeof(mask)) ? -EFAULT : (int64_t)sizeof(mask);
}

int64_t sys_sched_setaffinity(struct syscall_args *args)
{
	uint8_t first = 0;
	int error;

	if (args->arg[1] && user_read(&first, args->arg[2], 1))
		return -EFAULT;
	if (!find(args->arg[0], &error))
		return error;
	return first & 1 ? 0 : -EINVAL;
}
