/* SPDX-License-Identifier: MIT */
/*
 * utime_calls.c: system calls that set the times of files.
 */
#include "errno.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "process.h"
#include "process/user_time.h"
#include "user.h"

#define NS         1000000000ull
#define UTIME_NOW  0x3fffffff
#define UTIME_OMIT 0x3ffffffe

static bool is_valid(const struct user_time *time)
{
	return time->fraction == UTIME_NOW || time->fraction == UTIME_OMIT ||
	       (time->fraction >= 0 && (uint64_t)time->fraction < NS);
}

static void set_time(uint64_t *time, const struct user_time *to)
{
	if (to->fraction == UTIME_NOW)
		*time = fs_now();
	else if (to->fraction != UTIME_OMIT)
		*time = (uint64_t)to->seconds * NS + (uint64_t)to->fraction;
}

/* times: of access and modification. */
static int set_times(struct inode *inode, const struct user_time *times)
{
	uint32_t uid = process_current()->credentials.euid;
	bool now = times[0].fraction == UTIME_NOW && times[1].fraction == UTIME_NOW;

	if (!is_valid(&times[0]) || !is_valid(&times[1]))
		return -EINVAL;
	if (uid && uid != inode->uid && (!now || inode_may(inode, MAY_WRITE)))
		return now ? -EACCES : -EPERM;
	set_time(&inode->accessed, &times[0]);
	set_time(&inode->modified, &times[1]);
	inode->changed = fs_now();
	return 0;
}

static int64_t set_times_at(int at, uintptr_t path, unsigned flags, const struct user_time *times)
{
	struct inode *inode;
	int error = inode_from_user(at, path, flags, &inode);

	if (error)
		return error;
	error = set_times(inode, times);
	inode_put(inode);
	return error;
}

static int read_times(uintptr_t from, struct user_time *times)
{
	return user_time_read(from, &times[0]) || user_time_read(from + user_time_size(), &times[1])
	               ? -EFAULT
	               : 0;
}

int64_t sys_utimensat(struct syscall_args *args)
{
	struct user_time times[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
	struct file *file;

	if (args->arg[2] && read_times(args->arg[2], times))
		return -EFAULT;
	if (args->arg[1])
		return set_times_at((int)args->arg[0], args->arg[1], (unsigned)args->arg[3], times);
	file = descriptor_file((int)args->arg[0]);
	return file ? set_times(file->inode, times) : -EBADF;
}

/* With two struct timevals, or none: now. */
static int64_t set_timevals_at(int at, uintptr_t path, uintptr_t from)
{
	struct user_time times[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};

	if (from && read_times(from, times))
		return -EFAULT;
	for (int i = 0; from && i < 2; i++) {
		if (times[i].fraction < 0 || times[i].fraction >= 1000000)
			return -EINVAL;
		times[i].fraction *= 1000;
	}
	return set_times_at(at, path, 0, times);
}

int64_t sys_utimes(struct syscall_args *args)
{
	return set_timevals_at(AT_CWD, args->arg[0], args->arg[1]);
}

int64_t sys_futimesat(struct syscall_args *args)
{
	return set_timevals_at((int)args->arg[0], args->arg[1], args->arg[2]);
}

int64_t sys_utime(struct syscall_args *args)
{
	struct user_time times[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
	user_long seconds[2];

	if (args->arg[1]) {
		if (user_read(seconds, args->arg[1], sizeof(seconds)))
			return -EFAULT;
		times[0] = (struct user_time){seconds[0], 0};
		times[1] = (struct user_time){seconds[1], 0};
	}
	return set_times_at(AT_CWD, args->arg[0], 0, times);
}
