/* SPDX-License-Identifier: MIT */
/*
 * user_time.c: times in the memory of programs.
 */
#include "process/user_time.h"

#include "errno.h"
#include "thread.h"
#include "time.h"
#include "user.h"
#include "user_abi.h"

#define SECONDS_MAX (1ll << 33) /* more is as good as never */

int64_t time_call_wide(syscall_fn *call, const struct syscall_args *args)
{
	struct syscall_args other = *args;
	struct thread *thread = thread_current();
	int64_t result;

	thread->wide_times = true;
	result = call(&other);
	thread->wide_times = false;
	return result;
}

static bool is_wide(void)
{
	return sizeof(user_long) < sizeof(int64_t) && thread_current()->wide_times;
}

uintptr_t user_time_size(void)
{
	return is_wide() ? sizeof(struct user_time) : 2 * sizeof(user_long);
}

int user_time_read(uintptr_t from, struct user_time *time)
{
	user_long narrow[2];

	if (is_wide()) {
		if (user_read(time, from, sizeof(*time)))
			return -EFAULT;
		/* As Linux: above it is padding. */
		time->fraction &= UINT32_MAX;
		return 0;
	}
	if (user_read(narrow, from, sizeof(narrow)))
		return -EFAULT;
	*time = (struct user_time){narrow[0], narrow[1]};
	return 0;
}

int time_read(uintptr_t from, uint64_t unit, uint64_t *ns)
{
	struct user_time time;
	int64_t seconds;

	if (user_time_read(from, &time))
		return -EFAULT;
	if (time.seconds < 0 || (uint64_t)time.fraction >= NS_PER_SECOND / unit)
		return -EINVAL;
	seconds = time.seconds < SECONDS_MAX ? time.seconds : SECONDS_MAX;
	*ns = (uint64_t)seconds * NS_PER_SECOND + (uint64_t)time.fraction * unit;
	return 0;
}

int timespec_write(uintptr_t to, uint64_t ns)
{
	const struct user_time time = {
		(int64_t)(ns / NS_PER_SECOND), (int64_t)(ns % NS_PER_SECOND)};
	const user_long narrow[2] = {(user_long)time.seconds, (user_long)time.fraction};

	return is_wide() ? user_write(to, &time, sizeof(time))
	                 : user_write(to, narrow, sizeof(narrow));
}

int time_deadline(uintptr_t timeout, uint64_t *until)
{
	uint64_t ns;
	int error;

	*until = UINT64_MAX;
	if (!timeout)
		return 0;
	error = time_read(timeout, 1, &ns);
	if (!error)
		*until = ns ? time_ns() + ns : 0;
	return error;
}
