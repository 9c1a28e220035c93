/* SPDX-License-Identifier: MIT */
/*
 * limit_calls.c: limits of a process: those of descriptors, of the stack and of memory are heeded,
 * the others are kept and told.
 */
#include "errno.h"
#include "mm.h"
#include "process.h"
#include "process/calls.h"
#include "user.h"
#include "user_abi.h"

#define FILES     1024
#define PROCESSES 1024
#define LOCKED    (8u << 20)

void limits_init(struct limit *limits)
{
	for (unsigned i = 0; i < LIMITS; i++)
		limits[i] = (struct limit){UNLIMITED, UNLIMITED};
	limits[LIMIT_STACK].soft = MM_STACK_LIMIT;
	limits[LIMIT_CORE].soft = 0;
	limits[LIMIT_NPROC] = (struct limit){PROCESSES, PROCESSES};
	limits[LIMIT_NOFILE] = (struct limit){FILES, FILES};
	limits[LIMIT_MEMLOCK] = (struct limit){LOCKED, LOCKED};
}

/* Only root may raise a hard limit; there is a most for descriptors. */
static int set(struct limit *limit, const struct limit *wanted, bool files)
{
	if (wanted->soft > wanted->hard)
		return -EINVAL;
	if ((wanted->hard > limit->hard && !process_is_root()) || (files && wanted->hard > FILES))
		return -EPERM;
	*limit = *wanted;
	return 0;
}

/* Root may, and whoever is the same user in every way. */
static bool may_limit(const struct process *process)
{
	const struct credentials *a = &process_current()->credentials, *b = &process->credentials;

	return process == process_current() || process_is_root() ||
	       (a->uid == b->uid && a->uid == b->euid && a->uid == b->suid && a->gid == b->gid &&
		       a->gid == b->egid && a->gid == b->sgid);
}

int64_t sys_prlimit64(struct syscall_args *args)
{
	struct process *process =
		args->arg[0] ? process_find((int32_t)args->arg[0]) : process_current();
	struct limit *limit, wanted, old;
	int error = 0;

	if (args->arg[1] >= LIMITS)
		return -EINVAL;
	if (args->arg[2] && user_read(&wanted, args->arg[2], sizeof(wanted)))
		return -EFAULT;
	if (!process)
		return -ESRCH;
	if (!may_limit(process))
		return -EPERM;
	limit = &process->limits[args->arg[1]];
	old = *limit;
	if (args->arg[2])
		error = set(limit, &wanted, args->arg[1] == LIMIT_NOFILE);
	if (error)
		return error;
	return args->arg[3] ? user_write(args->arg[3], &old, sizeof(old)) : 0;
}

/* What does not fit is no limit. */
static user_ulong to_user(uint64_t value)
{
	return value > (user_ulong)-1 ? (user_ulong)-1 : (user_ulong)value;
}

static uint64_t from_user(user_ulong value)
{
	return value == (user_ulong)-1 ? UNLIMITED : value;
}

int64_t sys_getrlimit(struct syscall_args *args)
{
	const struct limit *limit;
	user_ulong out[2];

	if (args->arg[0] >= LIMITS)
		return -EINVAL;
	limit = &process_current()->limits[args->arg[0]];
	out[0] = to_user(limit->soft);
	out[1] = to_user(limit->hard);
	return user_write(args->arg[1], out, sizeof(out));
}

int64_t sys_setrlimit(struct syscall_args *args)
{
	struct limit wanted;
	user_ulong in[2];

	if (args->arg[0] >= LIMITS)
		return -EINVAL;
	if (user_read(in, args->arg[1], sizeof(in)))
		return -EFAULT;
	wanted = (struct limit){from_user(in[0]), from_user(in[1])};
	return set(&process_current()->limits[args->arg[0]], &wanted, args->arg[0] == LIMIT_NOFILE);
}
