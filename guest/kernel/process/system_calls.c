/* SPDX-License-Identifier: MIT */
/*
 * system_calls.c: limits, scheduling, the machine's name and state, and what is merely agreed to.
 */
#include "arch.h"
#include "errno.h"
#include "log.h"
#include "memory.h"
#include "mm.h"
#include "power.h"
#include "process.h"
#include "process/calls.h"
#include "process/load.h"
#include "process/schedule.h"
#include "random.h"
#include "string.h"
#include "thread.h"
#include "time.h"
#include "user.h"
#include "user_abi.h"

#define NAME_FIELD    65
#define SYSINFO_SHIFT 16 /* of its loads, bits behind the point */

#define PR_SET_PDEATHSIG    1
#define PR_GET_DUMPABLE     3
#define PR_SET_DUMPABLE     4
#define PR_SET_NAME         15
#define PR_GET_NAME         16
#define PR_SET_NO_NEW_PRIVS 38

#define REBOOT_RESTART   0x01234567
#define REBOOT_HALT      0xcdef0123
#define REBOOT_POWER_OFF 0x4321fedc

static char host_name[NAME_FIELD] = "vmm";

int64_t sys_ok(struct syscall_args *args)
{
	return 0;
}

int64_t sys_none(struct syscall_args *args)
{
	return -ENOSYS;
}

static int copy_name(char *to, uint64_t from, uint64_t n)
{
	if (n >= NAME_FIELD)
		return -EINVAL;
	memset(to, 0, NAME_FIELD);
	return user_read(to, from, n);
}

int64_t sys_sethostname(struct syscall_args *args)
{
	return process_is_root() ? copy_name(host_name, args->arg[0], args->arg[1]) : -EPERM;
}

int64_t sys_uname(struct syscall_args *args)
{
	static const char *const fields[] = {
		"Linux", host_name, KERNEL_RELEASE, KERNEL_VERSION, UNAME_MACHINE, "(none)"};
	char out[6][NAME_FIELD];

	memset(out, 0, sizeof(out));
	for (int i = 0; i < 6; i++)
		memcpy(out[i], fields[i], strlen(fields[i]));
	return user_write(args->arg[0], out, sizeof(out));
}

struct user_sysinfo {
	user_long uptime;
	user_ulong loads[3], total, free, shared, buffers, total_swap, free_swap;
	uint16_t processes, pad;
	user_ulong total_high, free_high;
	uint32_t unit;
	uint8_t rest[16 - 2 * sizeof(user_long)];
};

int64_t sys_sysinfo(struct syscall_args *args)
{
	struct user_sysinfo info = {
		.uptime = (user_long)(time_ns() / NS_PER_SECOND),
		.total = (user_ulong)kernel_frames.total * PAGE_SIZE,
		.free = (user_ulong)kernel_frames.free * PAGE_SIZE,
		.unit = 1,
	};
	uint32_t loads[LOAD_AVERAGES];

	load_get(loads);
	for (unsigned i = 0; i < LOAD_AVERAGES; i++)
		info.loads[i] = (user_ulong)loads[i] << (SYSINFO_SHIFT - LOAD_SHIFT);
	for (const struct process *p = process_after(0); p; p = p->next)
		info.processes += p->thread_count;
	return user_write(args->arg[0], &info, sizeof(info));
}

int64_t sys_prctl(struct syscall_args *args)
{
	struct thread *thread = thread_current();
	char name[PROCESS_NAME] = "";
	int64_t n;

	switch (args->arg[0]) {
	case PR_SET_NAME:
		n = user_string(name, args->arg[1], PROCESS_NAME - 1);
		if (n == -EFAULT)
			return n;
		memcpy(thread->name, name, PROCESS_NAME);
		return 0;
	case PR_GET_NAME:
		return user_write(args->arg[1], thread->name, PROCESS_NAME);
	case PR_GET_DUMPABLE:
		return 1;
	case PR_SET_DUMPABLE:
	case PR_SET_PDEATHSIG:
	case PR_SET_NO_NEW_PRIVS:
		return 0;
	}
	return -EINVAL;
}

int64_t sys_getcpu(struct syscall_args *args)
{
	uint32_t zero = 0;

	if ((args->arg[0] && user_write(args->arg[0], &zero, sizeof(zero))) ||
		(args->arg[1] && user_write(args->arg[1], &zero, sizeof(zero))))
		return -EFAULT;
	return 0;
}

/* The call's results lie between 1 and 40. */
int64_t sys_getpriority(struct syscall_args *args)
{
	const struct process *process = process_current();

	if (args->arg[0] > 2)
		return -EINVAL;
	if (args->arg[0] == 0 && args->arg[1])
		process = process_find((int32_t)args->arg[1]);
	return process ? 20 - process->nice : -ESRCH;
}

int64_t sys_setpriority(struct syscall_args *args)
{
	struct process *process = process_current();
	int nice = (int)args->arg[2];

	if (args->arg[0] > 2)
		return -EINVAL;
	if (args->arg[0] == 0 && args->arg[1])
		process = process_find((int32_t)args->arg[1]);
	if (!process)
		return -ESRCH;
	nice = nice < -20 ? -20 : nice > 19 ? 19 : nice;
	if (nice < process->nice && !process_is_root())
		return -EACCES;
	process->nice = (int8_t)nice;
	return 0;
}

int64_t sys_getrandom(struct syscall_args *args)
{
	uint8_t piece[256];
	uint64_t done = 0;

	if (args->arg[2] & ~7ull)
		return -EINVAL;
	while (done < args->arg[1]) {
		size_t n =
			args->arg[1] - done < sizeof(piece) ? args->arg[1] - done : sizeof(piece);

		random_bytes(piece, n);
		if (user_write(args->arg[0] + done, piece, n))
			return done ? (int64_t)done : -EFAULT;
		done += n;
		if (signal_pending(thread_current()))
			break;
		wait_breathe();
	}
	return (int64_t)done;
}

int64_t sys_reboot(struct syscall_args *args)
{
	if (!process_is_root())
		return -EPERM;
	switch ((uint32_t)args->arg[2]) {
	case REBOOT_RESTART:
	case REBOOT_HALT:
	case REBOOT_POWER_OFF:
		power_off(0);
	}
	return 0;
}
