/* SPDX-License-Identifier: MIT */
/*
 * calls.c: system calls whose arguments come in another way than in 64 bits.
 */
#include "calls.h"

#include "arch_cpu.h"
#include "errno.h"
#include "fs/abi.h"
#include "fs/calls.h"
#include "fs/descriptors.h"
#include "fs/lock_calls.h"
#include "mm/calls.h"
#include "process/calls.h"
#include "process/user_time.h"
#include "user.h"

#define FCNTL64_GET_LOCK      12
#define FCNTL64_SET_LOCK_WAIT 14

struct flock64 {
	int16_t type, whence;
	int64_t start, length;
	int32_t pid;
} __attribute__((packed));
_Static_assert(sizeof(struct flock64) == 24, "struct flock64");

static uint64_t wide(uint64_t low, uint64_t high)
{
	return high << 32 | low;
}

/* flags, stack, parent's tid, TLS, child's tid. */
int64_t i386_clone(struct syscall_args *args)
{
	struct syscall_args other = *args;

	other.arg[3] = args->arg[4];
	other.arg[4] = args->arg[3];
	return sys_clone(&other);
}

int64_t i386_waitpid(struct syscall_args *args)
{
	struct syscall_args other = {{args->arg[0], args->arg[1], args->arg[2]}};

	return sys_wait4(&other);
}

/* The offset is in pages. */
int64_t i386_mmap2(struct syscall_args *args)
{
	struct syscall_args other = *args;

	other.arg[5] *= PAGE_SIZE;
	return sys_mmap(&other);
}

int64_t i386_lseek(struct syscall_args *args)
{
	struct syscall_args other = *args;

	other.arg[1] = (uint64_t)(int32_t)args->arg[1];
	return sys_lseek(&other);
}

/* file, upper half, lower half, where the result goes, from where. */
int64_t i386_llseek(struct syscall_args *args)
{
	struct syscall_args other = {
		{args->arg[0], wide(args->arg[2], args->arg[1]), args->arg[4]}};
	int64_t result = sys_lseek(&other);

	if (result < 0)
		return result;
	return user_write(args->arg[3], &result, sizeof(result));
}

/* A call with a number of 64 bits in arg[at] and the next. */
static int64_t call_wide(syscall_fn *call, const struct syscall_args *args, unsigned at)
{
	struct syscall_args other = *args;

	other.arg[at] = wide(args->arg[at], args->arg[at + 1]);
	return call(&other);
}

int64_t i386_pread64(struct syscall_args *args)
{
	return call_wide(sys_pread64, args, 3);
}

int64_t i386_pwrite64(struct syscall_args *args)
{
	return call_wide(sys_pwrite64, args, 3);
}

int64_t i386_preadv(struct syscall_args *args)
{
	return call_wide(sys_preadv, args, 3);
}

int64_t i386_pwritev(struct syscall_args *args)
{
	return call_wide(sys_pwritev, args, 3);
}

int64_t i386_truncate64(struct syscall_args *args)
{
	return call_wide(sys_truncate, args, 1);
}

int64_t i386_ftruncate64(struct syscall_args *args)
{
	return call_wide(sys_ftruncate, args, 1);
}

static int64_t call_signed(syscall_fn *call, const struct syscall_args *args)
{
	struct syscall_args other = *args;

	other.arg[1] = (uint64_t)(int32_t)args->arg[1];
	return call(&other);
}

int64_t i386_truncate(struct syscall_args *args)
{
	return call_signed(sys_truncate, args);
}

int64_t i386_ftruncate(struct syscall_args *args)
{
	return call_signed(sys_ftruncate, args);
}

int64_t i386_fallocate(struct syscall_args *args)
{
	struct syscall_args other = {{args->arg[0], args->arg[1], wide(args->arg[2], args->arg[3]),
		wide(args->arg[4], args->arg[5])}};

	return sys_fallocate(&other);
}

/* The second argument is the size of what the third points to. */
static int64_t call_statfs(syscall_fn *call, const struct syscall_args *args)
{
	struct syscall_args other = {{args->arg[0], args->arg[2]}};

	return args->arg[1] == sizeof(struct abi_statfs) ? call(&other) : -EINVAL;
}

int64_t i386_statfs64(struct syscall_args *args)
{
	return call_statfs(sys_statfs, args);
}

int64_t i386_fstatfs64(struct syscall_args *args)
{
	return call_statfs(sys_fstatfs, args);
}

static int64_t lock64(int fd, unsigned command, uintptr_t address)
{
	struct file *file = descriptor_file(fd);
	struct flock64 flock;
	struct lock_range range;
	int error;

	if (!file)
		return -EBADF;
	if (user_read(&flock, address, sizeof(flock)))
		return -EFAULT;
	range = (struct lock_range){flock.type, flock.whence, flock.start, flock.length, flock.pid};
	error = lock_range_call(file, command, &range);
	if (error || (command != FCNTL_GET_LOCK && command != FCNTL_OFD_GET_LOCK))
		return error;
	flock = (struct flock64){range.type, range.whence, range.start, range.length, range.pid};
	return user_write(address, &flock, sizeof(flock)) ? -EFAULT : 0;
}

/* Locks have numbers of their own for struct flock64, or numbers that always mean this. */
int64_t i386_fcntl64(struct syscall_args *args)
{
	unsigned command = (unsigned)args->arg[1];

	if (command >= FCNTL64_GET_LOCK && command <= FCNTL64_SET_LOCK_WAIT)
		command -= FCNTL64_GET_LOCK - FCNTL_GET_LOCK;
	else if (command < FCNTL_OFD_GET_LOCK || command > FCNTL_OFD_SET_LOCK_WAIT)
		return sys_fcntl(args);
	return lock64((int)args->arg[0], command, args->arg[2]);
}

/* One call for all that sockets do: which, and where its arguments lie. */
int64_t i386_socketcall(struct syscall_args *args)
{
	static const struct {
		syscall_fn *call;
		unsigned arguments;
	} calls[] = {
		[1] = {sys_socket, 3},
		[2] = {sys_bind, 3},
		[3] = {sys_connect, 3},
		[4] = {sys_listen, 2},
		[5] = {sys_accept, 3},
		[6] = {sys_getsockname, 3},
		[7] = {sys_getpeername, 3},
		[8] = {sys_socketpair, 4},
		[9] = {sys_sendto, 4},
		[10] = {sys_recvfrom, 4},
		[11] = {sys_sendto, 6},
		[12] = {sys_recvfrom, 6},
		[13] = {sys_shutdown, 2},
		[14] = {sys_setsockopt, 5},
		[15] = {sys_getsockopt, 5},
		[18] = {sys_accept4, 4},
	};
	struct syscall_args other = {{0}};
	uint64_t which = args->arg[0];
	uint32_t in[6];

	if (which >= sizeof(calls) / sizeof(calls[0]) || !calls[which].call)
		return -EINVAL;
	if (user_read(in, args->arg[1], calls[which].arguments * sizeof(*in)))
		return -EFAULT;
	for (unsigned i = 0; i < calls[which].arguments; i++)
		other.arg[i] = in[i];
	return calls[which].call(&other);
}

/* Times of 64 bits. */
#define WIDE_TIMES(name, call)                     \
	int64_t name(struct syscall_args *args)    \
	{                                          \
		return time_call_wide(call, args); \
	}

WIDE_TIMES(i386_clock_gettime64, sys_clock_gettime)
WIDE_TIMES(i386_clock_settime64, sys_clock_settime)
WIDE_TIMES(i386_clock_getres_time64, sys_clock_getres)
WIDE_TIMES(i386_clock_nanosleep_time64, sys_clock_nanosleep)
WIDE_TIMES(i386_timer_gettime64, sys_timer_gettime)
WIDE_TIMES(i386_timer_settime64, sys_timer_settime)
WIDE_TIMES(i386_utimensat_time64, sys_utimensat)
WIDE_TIMES(i386_pselect6_time64, sys_pselect6)
WIDE_TIMES(i386_ppoll_time64, sys_ppoll)
WIDE_TIMES(i386_rt_sigtimedwait_time64, sys_rt_sigtimedwait)
WIDE_TIMES(i386_futex_time64, sys_futex)
WIDE_TIMES(i386_timerfd_gettime64, sys_timerfd_gettime)
WIDE_TIMES(i386_timerfd_settime64, sys_timerfd_settime)
WIDE_TIMES(i386_sched_rr_get_interval_time64, sys_sched_rr_get_interval)
WIDE_TIMES(i386_epoll_pwait2, sys_epoll_pwait2)
