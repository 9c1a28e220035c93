/* SPDX-License-Identifier: MIT */
/*
 * identity_calls.c: who a process is: numbers, users, groups, sessions.
 */
#include "errno.h"
#include "process.h"
#include "process/calls.h"
#include "user.h"

#define KEEP UINT32_MAX

int64_t sys_getpid(struct syscall_args *args)
{
	return process_current()->pid;
}

int64_t sys_getppid(struct syscall_args *args)
{
	const struct process *parent = process_current()->parent;

	return parent ? parent->pid : 0;
}

int64_t sys_getuid(struct syscall_args *args)
{
	return process_current()->credentials.uid;
}

int64_t sys_geteuid(struct syscall_args *args)
{
	return process_current()->credentials.euid;
}

int64_t sys_getgid(struct syscall_args *args)
{
	return process_current()->credentials.gid;
}

int64_t sys_getegid(struct syscall_args *args)
{
	return process_current()->credentials.egid;
}

static int64_t write_three(struct syscall_args *args, const uint32_t *three)
{
	for (int i = 0; i < 3; i++) {
		if (user_write(args->arg[i], three + i, sizeof(*three)))
			return -EFAULT;
	}
	return 0;
}

int64_t sys_getresuid(struct syscall_args *args)
{
	return write_three(args, &process_current()->credentials.uid);
}

int64_t sys_getresgid(struct syscall_args *args)
{
	return write_three(args, &process_current()->credentials.gid);
}

/* ids: real, effective, saved. Who is not root may only choose among them. */
static int64_t set_three(uint32_t *ids, const uint32_t *wanted, bool root)
{
	for (int i = 0; i < 3 && !root; i++) {
		if (wanted[i] != KEEP && wanted[i] != ids[0] && wanted[i] != ids[1] &&
			wanted[i] != ids[2])
			return -EPERM;
	}
	for (int i = 0; i < 3; i++) {
		if (wanted[i] != KEEP)
			ids[i] = wanted[i];
	}
	return 0;
}

int64_t sys_setresuid(struct syscall_args *args)
{
	const uint32_t wanted[3] = {
		(uint32_t)args->arg[0], (uint32_t)args->arg[1], (uint32_t)args->arg[2]};

	return set_three(&process_current()->credentials.uid, wanted, process_is_root());
}

int64_t sys_setresgid(struct syscall_args *args)
{
	const uint32_t wanted[3] = {
		(uint32_t)args->arg[0], (uint32_t)args->arg[1], (uint32_t)args->arg[2]};

	return set_three(&process_current()->credentials.gid, wanted, process_is_root());
}

static int64_t set_one(uint32_t *ids, uint32_t wanted)
{
	const uint32_t all[3] = {wanted, wanted, wanted}, effective[3] = {KEEP, wanted, KEEP};
	bool root = process_is_root();

	if (wanted == KEEP)
		return -EINVAL;
	return set_three(ids, root ? all : effective, root);
}

int64_t sys_setuid(struct syscall_args *args)
{
	return set_one(&process_current()->credentials.uid, (uint32_t)args->arg[0]);
}

int64_t sys_setgid(struct syscall_args *args)
{
	return set_one(&process_current()->credentials.gid, (uint32_t)args->arg[0]);
}

int64_t sys_getgroups(struct syscall_args *args)
{
	const struct process *process = process_current();
	size_t size = process->group_count * sizeof(uint32_t);

	if (!args->arg[0])
		return process->group_count;
	if ((int)args->arg[0] < (int)process->group_count)
		return -EINVAL;
	if (user_write(args->arg[1], process->groups, size))
		return -EFAULT;
	return process->group_count;
}

int64_t sys_setgroups(struct syscall_args *args)
{
	struct process *process = process_current();

	if (!process_is_root())
		return -EPERM;
	if (args->arg[0] > sizeof(process->groups) / sizeof(process->groups[0]))
		return -EINVAL;
	if (user_read(process->groups, args->arg[1], args->arg[0] * sizeof(uint32_t)))
		return -EFAULT;
	process->group_count = (unsigned)args->arg[0];
	return 0;
}

/* 0 means the caller. NULL: no such process, or one that has ended. */
static struct process *find(uint64_t pid)
{
	return (int32_t)pid ? process_find((int32_t)pid) : process_current();
}

int64_t sys_getpgid(struct syscall_args *args)
{
	const struct process *process = find(args->arg[0]);

	return process ? process->group : -ESRCH;
}

int64_t sys_getpgrp(struct syscall_args *args)
{
	return process_current()->group;
}

int64_t sys_getsid(struct syscall_args *args)
{
	const struct process *process = find(args->arg[0]);

	return process ? process->session : -ESRCH;
}

/* POSIX, setpgid(). */
int64_t sys_setpgid(struct syscall_args *args)
{
	struct process *self = process_current(), *process = find(args->arg[0]);
	int32_t group = (int32_t)args->arg[1];

	if (group < 0)
		return -EINVAL;
	if (!process || (process != self && process->parent != self))
		return -ESRCH;
	if (process != self && process->has_execed)
		return -EACCES;
	if (process->session == process->pid || process->session != self->session)
		return -EPERM;
	if (group && group != process->pid && !process_group_exists(group, self->session))
		return -EPERM;
	process->group = group ? group : process->pid;
	return 0;
}

int64_t sys_setsid(struct syscall_args *args)
{
	struct process *process = process_current();

	for (const struct process *p = process_after(0); p; p = p->next) {
		if (p->group == process->pid)
			return -EPERM;
	}
	process->group = process->session = process->pid;
	process->terminal = NULL;
	return process->pid;
}
