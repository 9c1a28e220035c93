/* SPDX-License-Identifier: MIT */
/*
 * test_process.c: how processes begin and end: fork, vfork, clone, wait, exit, groups and sessions.
 */
#include "suite.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(exit_statuses)
{
	static const int codes[][2] = {{0, 0}, {1, 1}, {127, 127}, {255, 255}, {256, 0}, {-1, 255}};
	pid_t pid = must_fork();
	int status;

	if (pid == 0)
		_exit(codes[_i][0]);
	status = wait_status(pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), codes[_i][1]);
}
END_TEST

START_TEST(wait_errors)
{
	int status;
	pid_t pid;

	ck_assert_fails(wait(&status), ECHILD);
	ck_assert_fails(waitpid(1 << 30, &status, 0), ECHILD);
	ck_assert_fails(waitpid(-1, &status, 0x1000), EINVAL);
	pid = must_fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, WNOHANG), 0);
	ck_assert_fails(waitpid(getpid(), &status, 0), ECHILD);
	kill(pid, SIGKILL);
	status = wait_status(pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
	ck_assert_fails(wait(NULL), ECHILD);
}
END_TEST

START_TEST(wait_by_group)
{
	pid_t own = must_fork(), other;
	int status;

	if (own == 0)
		_exit(1);
	other = must_fork();
	if (other == 0) {
		setpgid(0, 0);
		_exit(2);
	}
	setpgid(other, other);
	ck_assert_int_eq(waitpid(-other, &status, 0), other);
	ck_assert_int_eq(WEXITSTATUS(status), 2);
	ck_assert_fails(waitpid(-other, &status, 0), ECHILD);
	ck_assert_int_eq(waitpid(0, &status, 0), own);
	ck_assert_int_eq(WEXITSTATUS(status), 1);
}
END_TEST

START_TEST(wait_for_stops)
{
	pid_t pid = must_fork();
	int status;

	if (pid == 0) {
		raise(SIGSTOP);
		pause();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert(WIFSTOPPED(status));
	ck_assert_int_eq(WSTOPSIG(status), SIGSTOP);
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
	kill(pid, SIGCONT);
	ck_assert_int_eq(waitpid(pid, &status, WCONTINUED), pid);
	ck_assert(WIFCONTINUED(status));
	kill(pid, SIGKILL);
	ck_assert_int_eq(WTERMSIG(wait_status(pid)), SIGKILL);
}
END_TEST

START_TEST(waitid_tells)
{
	pid_t pid = must_fork();
	siginfo_t info;

	if (pid == 0)
		_exit(9);
	for (int round = 0; round < 2; round++) {
		memset(&info, 0, sizeof(info));
		ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
		ck_assert_int_eq(info.si_pid, pid);
		ck_assert_int_eq(info.si_signo, SIGCHLD);
		ck_assert_int_eq(info.si_code, CLD_EXITED);
		ck_assert_int_eq(info.si_status, 9);
		ck_assert_int_eq((int)info.si_uid, (int)getuid());
	}
	ck_assert_int_eq(waitid(P_ALL, 0, NULL, WEXITED), 0);
	ck_assert_fails(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
	ck_assert_fails(waitid(P_ALL, 0, &info, 0), EINVAL);
}
END_TEST

START_TEST(children_are_counted)
{
	struct rusage usage;
	pid_t pid = must_fork();
	int status;

	if (pid == 0) {
		/* Some count ticks of the clock only. */
		do
			getrusage(RUSAGE_SELF, &usage);
		while (!usage.ru_utime.tv_sec && usage.ru_utime.tv_usec < 10000);
		_exit(0);
	}
	memset(&usage, 0xff, sizeof(usage));
	ck_assert_int_eq(wait4(pid, &status, 0, &usage), pid);
	ck_assert(usage.ru_utime.tv_sec > 0 || usage.ru_utime.tv_usec >= 10000);
	ck_assert_int_eq(getrusage(RUSAGE_CHILDREN, &usage), 0);
	ck_assert(usage.ru_utime.tv_sec > 0 || usage.ru_utime.tv_usec >= 10000);
	ck_assert_fails(getrusage(5, &usage), EINVAL);
}
END_TEST

static volatile int shared = 1;

START_TEST(fork_copies)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600), status;
	pid_t parent = getpid(), pid;

	ck_assert_int_eq(write(fd, "abc", 3), 3);
	pid = must_fork();
	if (pid == 0) {
		if (getppid() != parent || getpid() == parent || shared != 1)
			_exit(1);
		shared = 2;
		if (lseek(fd, 1, SEEK_SET) != 1 || close(fd))
			_exit(2);
		_exit(3);
	}
	status = wait_status(pid);
	ck_assert_int_eq(WEXITSTATUS(status), 3);
	ck_assert_int_eq(shared, 1);
	/* The offset belongs to both, the descriptor to each. */
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), 1);
}
END_TEST

START_TEST(orphans_get_another_parent)
{
	int ends[2];
	pid_t pid, parents[2] = {0, 0};

	ck_assert_ok(pipe(ends));
	pid = must_fork();
	if (pid == 0) {
		pid_t middle = getpid();

		if (fork() == 0) {
			parents[0] = middle;
			for (int i = 0; i < 5000 && getppid() == middle; i++)
				sleep_ms(1);
			parents[1] = getppid();
			(void)!write(ends[1], parents, sizeof(parents));
		}
		_exit(0);
	}
	wait_status(pid);
	ck_assert_int_eq(read(ends[0], parents, sizeof(parents)), sizeof(parents));
	ck_assert_int_eq(parents[0], pid);
	ck_assert_int_ne(parents[1], pid);
	ck_assert_fails(wait(NULL), ECHILD);
}
END_TEST

START_TEST(vfork_shares_and_waits)
{
	volatile int done = 0;
	pid_t pid = vfork();

	if (pid == 0) {
		sleep_ms(20);
		done = 1;
		_exit(4);
	}
	ck_assert_int_eq(done, 1);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 4);
}
END_TEST

static int clone_body(void *value)
{
	*(volatile int *)value += 41;
	return 5;
}

/* As musl's posix_spawn does it. */
START_TEST(clone_with_a_stack)
{
	char *stack = must_map(16 * PAGE);
	volatile int value = 1;
	pid_t pid = clone(
		clone_body, stack + 16 * PAGE, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)&value);

	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(value, 42);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 5);
}
END_TEST

static pid_t *ids;

static int clone_looks_at_ids(void *ignored)
{
	return ids[1] == (pid_t)syscall(SYS_gettid) ? 6 : 7;
}

/* As glibc's fork does it, and more. */
START_TEST(clone_tells_ids)
{
	char *stack = must_map(16 * PAGE);
	pid_t pid;

	ids = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(ids, MAP_FAILED);
	pid = clone(clone_looks_at_ids, stack + 16 * PAGE,
		CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, NULL, &ids[0], NULL, &ids[1]);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(WEXITSTATUS(wait_status(pid)), 6);
	ck_assert_int_eq(ids[0], pid);
	ck_assert_int_eq(ids[1], pid);
}
END_TEST

static int close_in_child(void *fd)
{
	close(*(int *)fd);
	return 0;
}

START_TEST(clone_shares_files)
{
	char *stack = must_map(16 * PAGE);
	int fd = dup(1);
	pid_t pid = clone(close_in_child, stack + 16 * PAGE, CLONE_VM | CLONE_FILES | SIGCHLD, &fd);

	wait_status(pid);
	ck_assert_fails(close(fd), EBADF);
	ck_assert_fails(
		clone(close_in_child, stack + 16 * PAGE, CLONE_SIGHAND | SIGCHLD, &fd), EINVAL);
	ck_assert_fails(
		clone(close_in_child, stack + 16 * PAGE, CLONE_THREAD | SIGCHLD, &fd), EINVAL);
}
END_TEST

/* Bit 0 and up: which of the rules do not hold. */
static int session_rules(void)
{
	pid_t self = getpid();
	int wrong = 0;

	wrong |= setsid() != self;
	wrong |= (getsid(0) != self) << 1;
	wrong |= (getpgrp() != self) << 2;
	wrong |= !(setsid() == -1 && errno == EPERM) << 3;
	wrong |= !(setpgid(0, self) == -1 && errno == EPERM) << 4;
	wrong |= !(getpgid(1 << 30) == -1 && errno == ESRCH) << 5;
	wrong |= !(setpgid(0, -1) == -1 && errno == EINVAL) << 6;
	return wrong;
}

START_TEST(sessions_and_groups)
{
	pid_t pid;

	ck_assert_int_eq(WEXITSTATUS(run_in_child(session_rules)), 0);
	pid = must_fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	ck_assert_ok(setpgid(pid, 0));
	ck_assert_int_eq(getpgid(pid), pid);
	ck_assert_fails(setpgid(pid, 1 << 29), EPERM);
	ck_assert_ok(setpgid(pid, getpgrp()));
	ck_assert_int_eq(getpgid(pid), getpgrp());
	kill(pid, SIGKILL);
	wait_status(pid);
}
END_TEST

START_TEST(priorities)
{
	int before = getpriority(PRIO_PROCESS, 0); /* not 0 where the tests run under nice */
	int more = before > 9 ? 19 : before + 10;

	ck_assert_ok(setpriority(PRIO_PROCESS, 0, more));
	ck_assert_int_eq(getpriority(PRIO_PROCESS, 0), more);
	ck_assert_ok(setpriority(PRIO_PROCESS, 0, 100));
	ck_assert_int_eq(getpriority(PRIO_PROCESS, getpid()), 19);
	ck_assert_fails(getpriority(7, 0), EINVAL);
	ck_assert_fails(getpriority(PRIO_PROCESS, 1 << 30), ESRCH);
}
END_TEST

/* More at once than a small table would hold; all are there and all are different. */
START_TEST(many_children)
{
	enum { COUNT = 40 };
	pid_t pids[COUNT];
	int ends[2];
	char byte;

	ck_assert_ok(pipe(ends));
	for (int i = 0; i < COUNT; i++) {
		pids[i] = must_fork();
		if (pids[i] == 0) {
			close(ends[1]);
			_exit(read(ends[0], &byte, 1) == 0 ? i : 255);
		}
	}
	close(ends[1]);
	for (int i = COUNT - 1; i >= 0; i--)
		ck_assert_int_eq(WEXITSTATUS(wait_status(pids[i])), i);
	ck_assert_fails(wait(NULL), ECHILD);
}
END_TEST

TCase *process_tests(void)
{
	TCase *tests = tcase_create("process");

	tcase_add_loop_test(tests, exit_statuses, 0, 6);
	tcase_add_test(tests, wait_errors);
	tcase_add_test(tests, wait_by_group);
	tcase_add_test(tests, wait_for_stops);
	tcase_add_test(tests, waitid_tells);
	tcase_add_test(tests, children_are_counted);
	tcase_add_test(tests, fork_copies);
	tcase_add_test(tests, orphans_get_another_parent);
	tcase_add_test(tests, vfork_shares_and_waits);
	tcase_add_test(tests, clone_with_a_stack);
	tcase_add_test(tests, clone_tells_ids);
	tcase_add_test(tests, clone_shares_files);
	tcase_add_test(tests, sessions_and_groups);
	tcase_add_test(tests, priorities);
	tcase_add_test(tests, many_children);
	return tests;
}
