/* SPDX-License-Identifier: MIT */
/*
 * tls.c: thread-local storage lies where the bases of FS and GS point.
 */
#include "arch.h"
#include "errno.h"
#include "process/calls.h"
#include "thread.h"
#include "user.h"

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

void cpu_set_tls(const struct cpu_tls *tls)
{
	msr_write(MSR_FS_BASE, tls->fs_base);
	msr_write(MSR_GS_BASE, tls->gs_base);
}

int cpu_read_tls(struct cpu_tls *tls, uintptr_t wanted)
{
	if (wanted >= USER_LIMIT)
		return -EINVAL;
	tls->fs_base = wanted;
	return 0;
}

int64_t sys_arch_prctl(struct syscall_args *args)
{
	struct cpu_tls *tls = &thread_current()->tls;
	uint64_t value = args->arg[1];

	switch (args->arg[0]) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (value >= USER_LIMIT)
			return -EPERM;
		*(args->arg[0] == ARCH_SET_FS ? &tls->fs_base : &tls->gs_base) = value;
		cpu_set_tls(tls);
		return 0;
	case ARCH_GET_FS:
		return user_write(value, &tls->fs_base, sizeof(value));
	case ARCH_GET_GS:
		return user_write(value, &tls->gs_base, sizeof(value));
	}
	return -EINVAL;
}
