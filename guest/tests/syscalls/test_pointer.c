/* SPDX-License-Identifier: MIT */
/*
 * test_pointer.c: every pointer argument of every call, given addresses that are not the program's.
 */
#include "suite.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Arguments that stand for something. */
#define BAD   0x5a5a5a01 /* the address in question */
#define PATH  0x5a5a5a02 /* a file's name */
#define ROOM  0x5a5a5a03 /* good memory, zero */
#define FILE_ 0x5a5a5a04 /* an open file, a folder, a pipe's ends, this process */
#define DIR_  0x5a5a5a05
#define IN    0x5a5a5a06
#define OUT   0x5a5a5a07
#define PID   0x5a5a5a08
#define NEW   0x5a5a5a09 /* a name that is not there */

#define CWD AT_FDCWD

static const struct {
	const char *name;
	long number, arg[6];
} calls[] = {
#define CALL(name, ...)             \
	{                           \
#name, SYS_##name,  \
		{                   \
			__VA_ARGS__ \
		}                   \
	}
	CALL(read, FILE_, BAD, 4),
	CALL(write, OUT, BAD, 4),
	CALL(pread64, FILE_, BAD, 4, 0),
	CALL(pwrite64, FILE_, BAD, 4, 0),
	CALL(readv, FILE_, BAD, 1),
	CALL(writev, OUT, BAD, 1),
	CALL(preadv, FILE_, BAD, 1, 0),
	CALL(pwritev, FILE_, BAD, 1, 0),
	CALL(open, BAD, O_RDONLY),
	CALL(openat, CWD, BAD, O_RDONLY),
	CALL(creat, BAD, 0600),
	CALL(stat, BAD, ROOM),
	CALL(stat, PATH, BAD),
	CALL(lstat, BAD, ROOM),
	CALL(lstat, PATH, BAD),
	CALL(fstat, FILE_, BAD),
	CALL(newfstatat, CWD, BAD, ROOM, 0),
	CALL(newfstatat, CWD, PATH, BAD, 0),
	CALL(statx, CWD, BAD, 0, 0x7ff, ROOM),
	CALL(statx, CWD, PATH, 0, 0x7ff, BAD),
	CALL(statfs, BAD, ROOM),
	CALL(statfs, PATH, BAD),
	CALL(fstatfs, FILE_, BAD),
	CALL(access, BAD, 0),
	CALL(faccessat, CWD, BAD, 0),
	CALL(poll, BAD, 1, 0),
	CALL(ppoll, BAD, 1, 0, 0, 8),
	CALL(ppoll, 0, 0, BAD, 0, 8),
	CALL(ppoll, 0, 0, ROOM, BAD, 8),
	CALL(select, 1, BAD, 0, 0, ROOM),
	CALL(select, 1, 0, BAD, 0, ROOM),
	CALL(select, 1, 0, 0, BAD, ROOM),
	CALL(select, 0, 0, 0, 0, BAD),
	CALL(pselect6, 1, BAD, 0, 0, ROOM, 0),
	CALL(pselect6, 0, 0, 0, 0, BAD, 0),
	CALL(pselect6, 0, 0, 0, 0, ROOM, BAD),
	CALL(rt_sigaction, SIGUSR1, BAD, 0, 8),
	CALL(rt_sigaction, SIGUSR1, 0, BAD, 8),
	CALL(rt_sigprocmask, SIG_BLOCK, BAD, 0, 8),
	CALL(rt_sigprocmask, SIG_BLOCK, 0, BAD, 8),
	CALL(rt_sigpending, BAD, 8),
	CALL(rt_sigsuspend, BAD, 8),
	CALL(rt_sigtimedwait, BAD, 0, ROOM, 8),
	CALL(rt_sigtimedwait, ROOM, 0, BAD, 8),
	CALL(sigaltstack, BAD, 0),
	CALL(sigaltstack, 0, BAD),
	CALL(pipe, BAD),
	CALL(pipe2, BAD, 0),
	CALL(nanosleep, BAD, 0),
	CALL(clock_nanosleep, 0, 0, BAD, 0),
	CALL(clock_gettime, 0, BAD),
	CALL(clock_getres, 0, BAD),
	CALL(gettimeofday, BAD, 0),
	CALL(gettimeofday, 0, BAD),
	CALL(time, BAD),
	CALL(times, BAD),
	CALL(getitimer, 0, BAD),
	CALL(setitimer, 0, BAD, 0),
	CALL(setitimer, 0, ROOM, BAD),
	CALL(timer_create, 1, BAD, ROOM),
	CALL(timer_create, 1, 0, BAD),
	CALL(getrusage, 0, BAD),
	CALL(getrlimit, 3, BAD),
	CALL(setrlimit, 3, BAD),
	CALL(prlimit64, 0, 3, 0, BAD),
	CALL(prlimit64, 0, 3, BAD, 0),
	CALL(sysinfo, BAD),
	CALL(uname, BAD),
	CALL(getcwd, BAD, 4096),
	CALL(chdir, BAD),
	CALL(mkdir, BAD, 0700),
	CALL(mkdirat, CWD, BAD, 0700),
	CALL(rmdir, BAD),
	CALL(unlink, BAD),
	CALL(unlinkat, CWD, BAD, 0),
	CALL(rename, BAD, NEW),
	CALL(rename, PATH, BAD),
	CALL(renameat, CWD, PATH, CWD, BAD),
	CALL(link, BAD, NEW),
	CALL(link, PATH, BAD),
	CALL(linkat, CWD, PATH, CWD, BAD, 0),
	CALL(symlink, BAD, NEW),
	CALL(symlink, PATH, BAD),
	CALL(readlink, BAD, ROOM, 8),
	CALL(readlinkat, CWD, BAD, ROOM, 8),
	CALL(mknod, BAD, 010600, 0),
	CALL(chmod, BAD, 0600),
	CALL(fchmodat, CWD, BAD, 0600),
	CALL(chown, BAD, -1, -1),
	CALL(lchown, BAD, -1, -1),
	CALL(fchownat, CWD, BAD, -1, -1, 0),
	CALL(truncate, BAD, 0),
	CALL(utimensat, CWD, BAD, 0, 0),
	CALL(utimensat, CWD, PATH, BAD, 0),
	CALL(utime, BAD, 0),
	CALL(utime, PATH, BAD),
	CALL(utimes, BAD, 0),
	CALL(utimes, PATH, BAD),
	CALL(getdents64, DIR_, BAD, 4096),
	CALL(execve, BAD, 0, 0),
	CALL(getrandom, BAD, 8, 0),
	CALL(getgroups, 0x1000, BAD),
	CALL(getresuid, BAD, ROOM, ROOM),
	CALL(getresuid, ROOM, BAD, ROOM),
	CALL(getresgid, ROOM, ROOM, BAD),
	CALL(sched_getaffinity, 0, 128, BAD),
	CALL(sendfile, OUT, FILE_, BAD, 4),
	CALL(arch_prctl, 0x1003, BAD),
	CALL(prctl, 15, BAD),
	CALL(prctl, 16, BAD),
	CALL(fcntl, FILE_, F_GETLK, BAD),
	CALL(fcntl, FILE_, F_SETLK, BAD),
	CALL(getcpu, BAD, 0, 0),
	CALL(copy_file_range, FILE_, BAD, FILE_, 0, 1),
	CALL(copy_file_range, FILE_, 0, FILE_, BAD, 1),
	CALL(memfd_create, BAD, 0),
};

#define CALLS ((int)(sizeof(calls) / sizeof(calls[0])))
#define GROUP 12 /* of them make one test */

static char room[8192];
static int file, folder, ends[2];

static void prepare(void)
{
	make_file("there", "some text");
	file = open("there", O_RDWR);
	folder = open(".", O_RDONLY);
	ck_assert_ok(pipe(ends));
}

static long value(long argument, long bad)
{
	switch (argument) {
	case BAD:
		return bad;
	case PATH:
		return (long)"there";
	case NEW:
		return (long)"new";
	case ROOM:
		return (long)room;
	case FILE_:
		return file;
	case DIR_:
		return folder;
	case IN:
		return ends[0];
	case OUT:
		return ends[1];
	case PID:
		return getpid();
	}
	return argument;
}

static void expect_fault(int i, const char *what, long bad)
{
	const long *arg = calls[i].arg;
	long result;

	memset(room, 0, sizeof(room));
	lseek(file, 0, SEEK_SET);
	errno = 0;
	result = syscall(calls[i].number, value(arg[0], bad), value(arg[1], bad),
		value(arg[2], bad), value(arg[3], bad), value(arg[4], bad), value(arg[5], bad));
	ck_assert_msg(result == -1 && errno == EFAULT, "%s, %s: %ld, errno %d", calls[i].name, what,
		result, errno);
}

START_TEST(bad_pointers)
{
	char *hole = must_map(3 * PAGE);

	prepare();
	ck_assert_ok(munmap(hole + PAGE, PAGE));
	for (int i = _i * GROUP; i < (_i + 1) * GROUP && i < CALLS; i++) {
		if (calls[i].number == SYS_getgroups && syscall(SYS_getgroups, 0, NULL) == 0)
			continue; /* nothing to write */
		expect_fault(i, "a hole", (long)hole + PAGE);
		expect_fault(i, "near null", 8);
		expect_fault(i, "the kernel", (long)0xffffffff80100000);
		expect_fault(i, "no address", 0x1234800000000000);
		expect_fault(i, "the last byte", -1);
	}
}
END_TEST

/* What lies across the end of memory fails as a whole, or does what it can. */
START_TEST(borders)
{
	char *memory = must_map(2 * PAGE), *end = memory + PAGE;

	ck_assert_ok(munmap(end, PAGE));
	prepare();
	ck_assert_fails(syscall(SYS_uname, end - 8), EFAULT);
	ck_assert_fails(syscall(SYS_fstat, file, end - 8), EFAULT);
	ck_assert_fails(syscall(SYS_clock_gettime, 1, end - 8), EFAULT);
	ck_assert_fails(syscall(SYS_nanosleep, end - 8, NULL), EFAULT);
	memset(end - 8, 'a', 8);
	ck_assert_fails(syscall(SYS_open, end - 8, O_RDONLY), EFAULT);
	strcpy(end - 6, "there");
	ck_assert_int_ge(syscall(SYS_open, end - 6, O_RDONLY), 0);
	ck_assert_int_eq(read(file, end - 9, 9), 9);
	ck_assert_mem_eq(end - 9, "some text", 9);
}
END_TEST

/* Read-only memory is no place to write to. */
START_TEST(results_need_writable_memory)
{
	char *memory = must_map(PAGE);

	ck_assert_ok(mprotect(memory, PAGE, PROT_READ));
	prepare();
	ck_assert_fails(syscall(SYS_uname, memory), EFAULT);
	ck_assert_fails(read(file, memory, 4), EFAULT);
	ck_assert_fails(syscall(SYS_pipe, memory), EFAULT);
	ck_assert_int_eq(write(ends[1], memory, 4), 4);
}
END_TEST

START_TEST(what_cannot_be_read_changes_no_file)
{
	static char page[2 * PAGE];
	const void *volatile nowhere = (void *)8;
	int file = open("kept", O_RDWR | O_CREAT, 0600);

	memset(page, 'x', sizeof(page));
	ck_assert_int_eq(write(file, page, sizeof(page)), sizeof(page));
	ck_assert_fails(pwrite(file, nowhere, PAGE, PAGE), EFAULT);
	ck_assert_fails(pwrite(file, nowhere, PAGE, 0), EFAULT);
	memset(page, 0, sizeof(page));
	ck_assert_int_eq(pread(file, page, sizeof(page), 0), sizeof(page));
	for (int i = 0; i < 2 * PAGE; i++)
		ck_assert_int_eq(page[i], 'x');
}
END_TEST

TCase *pointer_tests(void)
{
	TCase *tests = tcase_create("pointers");

	tcase_add_loop_test(tests, bad_pointers, 0, (CALLS + GROUP - 1) / GROUP);
	tcase_add_test(tests, borders);
	tcase_add_test(tests, results_need_writable_memory);
	tcase_add_test(tests, what_cannot_be_read_changes_no_file);
	return tests;
}
